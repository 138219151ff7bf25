// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"cmp"
	"encoding/base64"
	"path"
	"slices"
	"strings"

	"github.com/gobwas/glob"

	"github.com/sekisho/sekisho/internal/message"
)

// helmFiles is what templates see as .Files
// (https://helm.sh/docs/chart_template_guide/accessing_files/): the files of a
// chart by their paths. Templates call its exported methods.
type helmFiles map[string][]byte

// GetBytes is the content of a file, empty for none.
func (f helmFiles) GetBytes(name string) []byte {
	if text, ok := f[name]; ok {
		return text
	}
	return []byte{}
}

// Get is the content of a file as a text, empty for none.
func (f helmFiles) Get(name string) string { return string(f[name]) }

// Glob is the files whose paths match; all of them for what is no pattern.
func (f helmFiles) Glob(pattern string) helmFiles {
	out := helmFiles{}
	g, err := glob.Compile(pattern, '/')
	if err != nil {
		g = glob.MustCompile("**")
	}
	for name, text := range f {
		if g.Match(name) {
			out[name] = text
		}
	}
	return out
}

// AsConfig is the YAML of a map from file names to contents.
func (f helmFiles) AsConfig() string {
	return f.flat(func(text []byte) string { return string(text) })
}

// AsSecrets is the YAML of a map from file names to contents in Base64.
func (f helmFiles) AsSecrets() string {
	return f.flat(base64.StdEncoding.EncodeToString)
}

func (f helmFiles) flat(write func([]byte) string) string {
	if f == nil {
		return ""
	}
	out := make(map[string]string, len(f))
	for _, name := range f.names() {
		out[path.Base(name)] = write(f[name])
	}
	return silent(toYAML)(out)
}

// names are in order, so that of two files of one name always the same wins.
func (f helmFiles) names() []string {
	out := make([]string, 0, len(f))
	for name := range f {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Lines are the lines of a file.
func (f helmFiles) Lines(name string) []string {
	if len(f[name]) == 0 {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}

// kubeMajor and kubeMinor are the version of Kubernetes that charts are rendered
// for; helmVersion is the Helm that they are told of.
const (
	kubeMajor   = "1"
	kubeMinor   = "37"
	helmVersion = "v4.3"
)

// helmCapabilities is what templates see as .Capabilities
// (https://helm.sh/docs/chart_template_guide/builtin_objects/).
type helmCapabilities struct {
	KubeVersion kubeVersion
	APIVersions apiVersions
	HelmVersion helmBuild
}

type helmBuild struct {
	Version           string `json:"version,omitempty"`
	GitCommit         string `json:"git_commit,omitempty"`
	GitTreeState      string `json:"git_tree_state,omitempty"`
	GoVersion         string `json:"go_version,omitempty"`
	KubeClientVersion string `json:"kube_client_version"`
}

type kubeVersion struct {
	Version, Major, Minor string
	// plain is the version without what a vendor adds.
	plain string
}

// String is the version that constraints are held to.
func (v *kubeVersion) String() string { return v.plain }

// GitVersion is the version, as older charts ask for it.
func (v *kubeVersion) GitVersion() string { return v.Version }

type apiVersions []string

// Has is true for an API that a cluster serves; of kinds only the groups and
// versions are known without a cluster.
func (a apiVersions) Has(name string) bool { return slices.Contains(a, name) }

// newCapabilities are those of a cluster of the version, "1.31" or
// "v1.31.4-gke.1"; empty for the newest.
func newCapabilities(version string) (*helmCapabilities, error) {
	client := "v" + kubeMajor + "." + kubeMinor
	v, err := parseKubeVersion(cmp.Or(version, client+".0"))
	if err != nil {
		return nil, err
	}
	return &helmCapabilities{
		KubeVersion: *v, APIVersions: strings.Fields(knownAPIs),
		HelmVersion: helmBuild{Version: helmVersion, KubeClientVersion: client},
	}, nil
}

// CheckKubeVersion refuses what is no version of Kubernetes.
func CheckKubeVersion(version string) error {
	_, err := parseKubeVersion(version)
	return err
}

func parseKubeVersion(version string) (*kubeVersion, error) {
	text := strings.TrimPrefix(version, "v")
	end := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(text)
	}
	numbers := strings.Split(text[:end], ".")
	bad := len(numbers) < 2 || len(numbers) > 3 || end < len(text) && text[end] != '-' && text[end] != '+'
	for _, n := range numbers {
		bad = bad || n == "" || len(n) > 9 || len(n) > 1 && n[0] == '0'
	}
	if bad {
		return nil, message.Errorf("%.40q is no version of Kubernetes such as 1.31 or v1.31.4", version)
	}
	return &kubeVersion{Version: "v" + text, Major: numbers[0], Minor: numbers[1], plain: "v" + text[:end]}, nil
}

// capabilities are those of a cluster of the version, which must be one that the
// chart is made for.
func (c *helmChart) capabilities(version string) (*helmCapabilities, error) {
	out, err := newCapabilities(version)
	if err != nil {
		return nil, err
	}
	if want := c.meta.KubeVersion; want != "" && !inRange(want, out.KubeVersion.plain) {
		return nil, message.Errorf("it is made for Kubernetes %.100s, and was to be rendered for %s: name a version that fits with --kube-version", want, out.KubeVersion.Version)
	}
	return out, nil
}

// knownAPIs are the groups and versions that the client of this version of
// Kubernetes knows, in its order; Helm takes them for those of the cluster.
const knownAPIs = `
v1
admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1
internal.apiserver.k8s.io/v1alpha1
apps/v1 apps/v1beta1 apps/v1beta2
authentication.k8s.io/v1 authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1
authorization.k8s.io/v1 authorization.k8s.io/v1beta1
autoscaling/v1 autoscaling/v2
batch/v1 batch/v1beta1
certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1
coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1
discovery.k8s.io/v1 discovery.k8s.io/v1beta1
events.k8s.io/v1 events.k8s.io/v1beta1
extensions/v1beta1
flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3
lifecycle.k8s.io/v1alpha1
networking.k8s.io/v1 networking.k8s.io/v1beta1
node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1
policy/v1 policy/v1beta1
rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1
resource.k8s.io/v1 resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3
scheduling.k8s.io/v1alpha3 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1
storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1
storagemigration.k8s.io/v1 storagemigration.k8s.io/v1beta1
apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1
`
