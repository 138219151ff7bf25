// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// What files say of the user stands before the image; the worst of them counts.
func TestSettingOfWorkloads(t *testing.T) {
	for _, tt := range []struct {
		name, user string
		runs       []sekisho.Workload
		want       Setting
	}{
		{"nothing beside the image", "", nil, Setting{Root: true, Ports: []string{"80/tcp"}}},
		{"the image decides", "", []sekisho.Workload{{}}, Setting{Root: true, Ports: []string{"80/tcp"}}},
		{"another user", "", []sekisho.Workload{{Root: new(false)}}, Setting{Ports: []string{"80/tcp"}}},
		{"root all the same", "app", []sekisho.Workload{{Root: new(true)}}, Setting{Root: true, Ports: []string{"80/tcp"}}},
		{
			"the worst of two", "app",
			[]sekisho.Workload{{Root: new(false), Privileged: true, Ports: []string{"80/tcp", "90/tcp"}}, {Powers: []string{"host PID"}, Routes: []string{"Ingress/web"}}, {Powers: []string{"host PID"}}},
			Setting{Privileged: true, Ports: []string{"80/tcp", "90/tcp"}, Powers: []string{"host PID"}, Routes: []string{"Ingress/web"}},
		},
	} {
		r := &sekisho.Result{Image: &sekisho.ImageConfig{User: tt.user, ExposedPorts: []string{"80/tcp"}}, Workloads: tt.runs}
		if d := cmp.Diff(tt.want, SettingOf(r)); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
		if d := cmp.Diff([]string{"80/tcp"}, r.Image.ExposedPorts); d != "" {
			t.Errorf("%s: the image was changed: %s", tt.name, d)
		}
	}
}

// Every figure of the table has a line in a score or is a bound, and a user can
// set each: none may be missing from the table.
func TestEveryWeightCanBeSet(t *testing.T) {
	w := Default()
	for _, x := range w.table() {
		if x.whole != nil {
			*x.whole = -1
		} else {
			*x.part = -1
		}
	}
	w.Severity, w.Days = nil, nil
	all := Weights{
		Remote: -1, Effortless: -1, KEV: -1, Ransomware: -1, EPSS: -1, Percentile: -1, Exploited: -1, Exploit: -1, Fix: -1, OldFix: -1,
		Exposed: -1, Routed: -1, Root: -1, Powers: -1, Privileged: -1, InUse: -1, Application: -1, Direct: -1, Secret: -1, Verified: -1, Rejected: -1, Malware: -1,
		Hidden: -1, Dev: -1, Builder: -1, NotInUse: -1, NoCode: -1, HostKernel: -1, Likely: -1, PlanFrom: -1, TrackFrom: -1,
	}
	if d := cmp.Diff(&all, w); d != "" {
		t.Error(d)
	}
}
