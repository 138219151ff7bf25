// SPDX-License-Identifier: Apache-2.0

package sekisho

// Workload is one container that a manifest, a task definition or a Compose file
// starts of an image: what an attacker in it can reach, and is reached by.
type Workload struct {
	// Kind of the file, as that of a Resource: "kubernetes", "compose", "aws".
	Kind string `json:"kind"`
	// Name of what starts it, "Deployment/web", and of the container in it.
	Name      string `json:"name"`
	Container string `json:"container,omitempty"`
	// Image as it is written there.
	Image string `json:"image"`
	Path  string `json:"path"`
	Line  int    `json:"line,omitempty"`
	// Root says whether it runs as root; nil leaves it to the image.
	Root *bool `json:"root,omitempty"`
	// Privileged: all rights of the host. Powers are single ones that lead out of
	// the container: "SYS_ADMIN", "host network", "host path /", "engine socket".
	Privileged bool     `json:"privileged,omitempty"`
	Powers     []string `json:"powers,omitempty"`
	// Ports that it serves, "8080/tcp", and what hands traffic from outside to
	// them: "Service/web LoadBalancer", "Ingress/web".
	Ports  []string `json:"ports,omitempty"`
	Routes []string `json:"routes,omitempty"`
}
