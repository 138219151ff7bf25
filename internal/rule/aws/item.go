// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// World is a stack as rules see it.
type World struct {
	Stack    *cloud.Stack
	Settings *check.Settings
	Items    []*Item
	told     map[once]bool
	byType   map[string][]*Item
	groups   map[*cloud.Resource][]*Item // made by ofGroup
}

// Item is one resource.
type Item struct {
	*cloud.Resource
	World *World
	// Task is set for task definitions of ECS and job definitions of Batch.
	Task *Task
	// Mistake is set, and Resource names the file only, for text that is none
	// of the language.
	Mistake *cloud.Mistake
}

// Task is a group of containers that run together.
type Task struct {
	*Item
	// Definition holds the containers' volumes and roles.
	Definition *document.Node
	Containers []*Container
	// Fargate is true when it runs on Fargate and nowhere else.
	Fargate bool
	// TaskRole and ExecutionRole are the names of the roles' arguments.
	TaskRole, ExecutionRole string
}

// Container is one of a task.
type Container struct {
	Task *Task
	Node *document.Node
	Name string
}

// newWorld looks through a stack once.
func newWorld(s *cloud.Stack, settings *check.Settings) *World {
	w := &World{Stack: s, Settings: settings, told: map[once]bool{}, byType: map[string][]*Item{}}
	for _, r := range s.Resources {
		it := &Item{Resource: r, World: w}
		w.Items = append(w.Items, it)
		w.byType[r.Type] = append(w.byType[r.Type], it)
	}
	for _, it := range w.Items {
		switch it.Type {
		case "aws_ecs_task_definition":
			it.Task = it.ecsTask()
		case "aws_batch_job_definition":
			it.Task = it.batchJob()
		}
	}
	return w
}

// ecsTask is a task definition
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html).
func (it *Item) ecsTask() *Task {
	t := &Task{Item: it, Definition: it.Body, TaskRole: "task_role_arn", ExecutionRole: "execution_role_arn"}
	for _, c := range cloud.Blocks(it.Body, "container_definitions") {
		t.Containers = append(t.Containers, &Container{Task: t, Node: c, Name: cloud.Show(c.Get("name").Str())})
	}
	switch only, known := onlyFargate(it.Body.Get("requires_compatibilities")); {
	case known:
		t.Fargate = only
	default:
		t.Fargate = it.startedOnFargate()
	}
	return t
}

// onlyFargate reads a list of what a task is compatible with.
func onlyFargate(list *document.Node) (only, known bool) {
	if list == nil || list.Kind != document.List || len(list.Items) == 0 {
		return false, false
	}
	for _, item := range list.Items {
		if item.Str() == "" {
			return false, false
		}
		if item.Str() != "FARGATE" {
			return false, true
		}
	}
	return true, true
}

// startedOnFargate asks the services of the stack that start the task.
func (it *Item) startedOnFargate() bool {
	found := false
	for _, s := range it.World.byType["aws_ecs_service"] {
		if it.World.Stack.Find(cloud.Target(s.Body.Get("task_definition"))) != it.Resource {
			continue
		}
		if !s.onFargate() {
			return false
		}
		found = true
	}
	return found
}

// onFargate says whether a service starts its tasks on Fargate.
func (it *Item) onFargate() bool {
	if it.Body.Get("launch_type").Str() == "FARGATE" {
		return true
	}
	providers := cloud.Blocks(it.Body, "capacity_provider_strategy")
	for _, p := range providers {
		if !strings.HasPrefix(p.Get("capacity_provider").Str(), "FARGATE") {
			return false
		}
	}
	return len(providers) > 0
}

// batchJob is a job definition of one container
// (https://docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html).
func (it *Item) batchJob() *Task {
	p := it.Body.Get("container_properties")
	if p == nil || p.Kind != document.Map {
		return nil
	}
	t := &Task{Item: it, Definition: p, TaskRole: "jobRoleArn", ExecutionRole: "executionRoleArn"}
	t.Containers = []*Container{{Task: t, Node: p, Name: cloud.Show(it.Body.Get("name").Str())}}
	t.Fargate, _ = onlyFargate(it.Body.Get("platform_capabilities"))
	return t
}

// volumes are those that the task declares.
func (t *Task) volumes() []*document.Node {
	if t.Definition == t.Body {
		return cloud.Blocks(t.Body, "volume")
	}
	return cloud.Blocks(t.Definition, "volumes")
}

// hostPath is the path on the instance that a volume is, with the map that
// holds it; empty for other volumes.
func hostPath(v *document.Node) (path string, in *document.Node, key string) {
	if p := v.Get("host_path"); p.Str() != "" {
		return p.Str(), v, "host_path"
	}
	for _, key := range [...]string{"source_path", "sourcePath"} {
		if h := cloud.Block(v, "host"); h.Get(key).Str() != "" {
			return h.Get(key).Str(), h, key
		}
	}
	return "", nil, ""
}

// resolve finds the resource that a value refers to.
func (w *World) resolve(n *document.Node) *cloud.Resource {
	if ref := cloud.Target(n); ref != "" {
		return w.Stack.Find(ref)
	}
	return nil
}

// on says whether a switch is on, in any of the words that AWS has for it.
func on(n *document.Node) bool {
	switch strings.ToLower(n.Str()) {
	case "true", "enabled", "enable", "on", "active":
		return true
	}
	return false
}

// off says whether a switch is written and off.
func off(n *document.Node) bool {
	switch strings.ToLower(n.Str()) {
	case "false", "disabled", "disable", "off", "inactive":
		return true
	}
	return false
}

// lacks says whether an argument is not written, or written empty.
func lacks(m *document.Node, key string) bool {
	v := m.Get(key)
	return v == nil || v.Kind == document.Null || v.Kind == document.String && v.Text == ""
}
