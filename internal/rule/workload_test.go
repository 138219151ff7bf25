// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func told(w *sekisho.Workload) string {
	root := "?"
	if w.Root != nil {
		root = fmt.Sprint(*w.Root)
	}
	return fmt.Sprintf("%s %s %s %s %s:%d root=%s privileged=%t powers=%q ports=%q routes=%q", w.Kind, w.Name, w.Container, w.Image, w.Path, w.Line, root, w.Privileged, w.Powers, w.Ports, w.Routes)
}

func TestWorkloads(t *testing.T) {
	for _, tt := range []struct {
		name, path, text string
		want             []string
	}{
		{"a deployment and what leads to it", "web.yaml", `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      hostPID: true
      securityContext: {runAsNonRoot: true}
      volumes:
      - {name: node, hostPath: {path: /}}
      - {name: other, hostPath: {path: /etc}}
      initContainers:
      - {name: init, image: registry.example.com/app:1, securityContext: {runAsUser: 0}}
      containers:
      - name: app
        image: registry.example.com/app:1
        ports: [{containerPort: 53, protocol: UDP}]
        volumeMounts: [{name: node, mountPath: /node}]
        securityContext: {capabilities: {add: [CAP_SYS_ADMIN, NET_BIND_SERVICE]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: other}
spec: {type: LoadBalancer, selector: {app: other}, ports: [{port: 1}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  rules:
  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
`, []string{`kubernetes Deployment/web app registry.example.com/app:1 web.yaml:17 root=false privileged=false powers=["SYS_ADMIN" "host PID" "host path /"] ports=["53/udp" "8080/tcp"] routes=["Service/web NodePort" "Ingress/front"]`}},
		{"a pod of root, one of a user namespace, one that does not say", "pods.yaml", `apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: c, image: "a:1", securityContext: {runAsUser: 0, privileged: true}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b}
spec: {hostUsers: false, containers: [{name: c, image: "b:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: c}
spec: {containers: [{name: c, image: "c:1"}]}
`, []string{
			`kubernetes Pod/a c a:1 pods.yaml:4 root=true privileged=true powers=[] ports=[] routes=[]`,
			`kubernetes Pod/b c b:1 pods.yaml:9 root=false privileged=false powers=[] ports=[] routes=[]`,
			`kubernetes Pod/c c c:1 pods.yaml:14 root=? privileged=false powers=[] ports=[] routes=[]`,
		}},
		{
			"a task definition on an instance", "taskdef.json", `{"family": "api", "networkMode": "host", "volumes": [{"name": "s", "host": {"sourcePath": "/var/run/docker.sock"}}],
"containerDefinitions": [{"name": "api", "image": "registry.example.com/api:1", "user": "0:0", "privileged": true, "portMappings": [{"containerPort": 8443}],
"mountPoints": [{"sourceVolume": "s", "containerPath": "/s"}], "linuxParameters": {"capabilities": {"add": ["NET_ADMIN", "CHOWN"]}}}]}`,
			[]string{`aws api api registry.example.com/api:1 taskdef.json:2 root=true privileged=true powers=["NET_ADMIN" "host network" "host path /var/run/docker.sock"] ports=["8443/tcp"] routes=[]`},
		},
		{
			"the same on Fargate has no host", "taskdef.json", `{"family": "api", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
"containerDefinitions": [{"name": "api", "image": "api:1", "user": "1000", "linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}}}]}`,
			[]string{`aws api api api:1 taskdef.json:2 root=false privileged=false powers=[] ports=[] routes=[]`},
		},
		{"Terraform", "main.tf", `resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{ name = "web", image = "web:1", user = "root", portMappings = [{ containerPort = 80 }] }])
}
`, []string{`aws aws_ecs_task_definition.web web web:1 main.tf:3 root=true privileged=false powers=[] ports=["80/tcp"] routes=[]`}},
		{"Compose", "compose.yaml", `services:
  web:
    image: web:1
    user: "0"
    cap_add: [SYS_MODULE, NET_RAW]
    pid: host
    ports: ["8080:80", "127.0.0.1:9090:90/udp"]
    volumes: ["/run/docker.sock:/run/docker.sock", "./data:/data"]
  db: {build: .}
`, []string{`compose service/web  web:1 compose.yaml:3 root=true privileged=false powers=["SYS_MODULE" "host PID" "host path /run/docker.sock"] ports=["80/tcp" "90/udp"] routes=["host port 8080"]`}},
		{"a file that starts nothing", "config.yaml", "a: 1\n", nil},
		{"garbage", "compose.yaml", "services: [\x00", nil},
	} {
		got, problems, err := Workloads(t.Context(), map[string][]byte{tt.path: []byte(tt.text)}, &check.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for i := range got {
			all = append(all, told(&got[i]))
		}
		if d := cmp.Diff(tt.want, all); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
		if bad := strings.Contains(tt.name, "garbage"); bad != (len(problems) > 0) {
			t.Errorf("%s: %v", tt.name, problems)
		}
	}
}

// A chart is rendered before it is read.
func TestWorkloadsOfChart(t *testing.T) {
	got, _, err := Workloads(t.Context(), map[string][]byte{
		"chart/Chart.yaml":         []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n"),
		"chart/values.yaml":        []byte("image: app:1\nuser: 0\n"),
		"chart/templates/pod.yaml": []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: {{ .Values.image }}\n    securityContext: {runAsUser: {{ .Values.user }}}\n"),
	}, &check.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Image != "app:1" || got[0].Root == nil || !*got[0].Root || !slices.Contains([]string{"chart/templates/pod.yaml", "chart/values.yaml"}, got[0].Path) {
		t.Errorf("%+v", got)
	}
}
