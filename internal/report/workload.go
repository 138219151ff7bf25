// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxWorkloads is how many are shown; the JSON report has all.
const maxWorkloads = 5

// workloadTexts say in one line each how containers of the image are run.
func workloadTexts(r *sekisho.Result, l message.Lang) []string {
	var out []string
	for i := range r.Workloads {
		if i == maxWorkloads {
			return append(out, l.Of(message.AndMore, strconv.Itoa(len(r.Workloads)-maxWorkloads)))
		}
		w := &r.Workloads[i]
		name := w.Name
		if w.Container != "" && !strings.HasSuffix(name, "/"+w.Container) {
			name += "/" + w.Container
		}
		user := message.WorkloadUser
		if w.Root != nil && *w.Root {
			user = message.WorkloadRoot
		} else if w.Root != nil {
			user = message.WorkloadNotRoot
		}
		parts := []string{l.Of(user)}
		if w.Privileged {
			parts = append(parts, l.Of(message.WorkloadAll))
		}
		parts = append(parts, w.Powers...)
		if len(w.Ports) > 0 {
			parts = append(parts, l.Of(message.WorkloadPorts, strings.Join(w.Ports, ", ")))
		}
		if len(w.Routes) > 0 {
			parts = append(parts, l.Of(message.WorkloadRoutes, strings.Join(w.Routes, ", ")))
		}
		out = append(out, clean(name+" ("+place(w.Path, w.Line)+"): "+strings.Join(parts, l.Of(message.ListStop))))
	}
	return out
}
