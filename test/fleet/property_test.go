// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Every report of the fleet is the same bytes when it is made again, gives the
// same verdict without the image, and the same report when it is converted.
func TestReplay(t *testing.T) {
	y := newYard(t)
	denied := 0
	for _, i := range y.images {
		first := y.gated(i.name, "json")
		if second := y.gated(i.name, "json"); first != second {
			t.Errorf("%s: two scans differ: %s", i.name, cmp.Diff(first, second))
		}
		report := y.write(i.name+".json", first)
		want := y.result(first).Verdict
		if want.Decision == sekisho.Deny {
			denied++
		}
		status, out, errs := y.run("policy", "eval", "--in", report, "-f", "json")
		if d := cmp.Diff(want, y.result(out).Verdict); d != "" {
			t.Errorf("%s: policy eval (status %d, %s) judges otherwise: %s", i.name, status, errs, d)
		}
		if wantStatus := map[sekisho.Decision]int{sekisho.Deny: 1, sekisho.Incomplete: 3}[want.Decision]; status != wantStatus {
			t.Errorf("%s: policy eval ends with %d, the verdict is %q", i.name, status, want.Decision)
		}
		if again := y.does("convert", report, "-f", "json"); again != first {
			t.Errorf("%s: converted to JSON it is another report: %s", i.name, cmp.Diff(first, again))
		}
		if table := y.does("convert", report, "-f", "table"); table != y.gated(i.name, "table") {
			t.Errorf("%s: the table of the report is not that of the scan: %s", i.name, cmp.Diff(y.gated(i.name, "table"), table))
		}
	}
	if denied < 3 && !raced || denied == len(y.images) {
		t.Errorf("%d of %d images are denied: the gate says nothing", denied, len(y.images))
	}
}

// gated scans by the preset policy, whatever it decides.
func (y *yard) gated(name, format string) string {
	y.Helper()
	status, out, errs := y.run("scan", "oci-dir:"+name, "-q", "--offline", "--no-cache", "--policy", "recommended", "-f", format)
	if status != 0 && status != 1 && status != 3 {
		y.Fatalf("%s: status %d: %s", name, status, errs)
	}
	return out
}

// flaws are what a report says of its visible packages.
func flaws(r *sekisho.Result) (all []string) {
	for _, f := range r.Findings {
		if f.Kind == sekisho.Vulnerability && !f.Location.Hidden {
			all = append(all, fmt.Sprintln(f.Rule, f.Aliases, f.Package.PURL, f.Fixed, f.Status, f.Severity, f.KEV != nil, f.Suppressed != nil))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// What an image holds, written as a bill of materials and judged again, has the
// flaws of the image.
func TestBills(t *testing.T) {
	y := newYard(t)
	some := 0
	for _, i := range y.images {
		want := flaws(y.result(y.scan(i.name, "json")))
		some += min(1, len(want))
		for _, format := range []string{"cyclonedx", "spdx-json"} {
			bill := y.write(i.name+"."+format, y.scan(i.name, format))
			got := flaws(y.result(y.does("scan", "sbom:"+bill, "-q", "--offline", "--scanners", "vuln", "-f", "json")))
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s as %s (- image, + bill): %.2000s", i.name, format, d)
			}
		}
	}
	if some < 12 && !raced || some == 0 {
		t.Errorf("only %d images have flaws", some)
	}
}

// What is new from one image to another is fixed the other way round.
func TestMirror(t *testing.T) {
	y := newYard(t)
	reports := map[string]string{}
	for _, i := range y.images {
		reports[i.name] = y.write(i.name+".json", y.scan(i.name, "json"))
	}
	diff := func(a, b string) *sekisho.Comparison {
		t.Helper()
		var c sekisho.Comparison
		must(t, json.Unmarshal([]byte(y.does("diff", reports[a], reports[b], "-f", "json")), &c))
		return &c
	}
	ids := func(all []sekisho.Finding) (out []string) {
		for _, f := range all {
			out = append(out, f.ID)
		}
		slices.Sort(out)
		return out
	}
	for _, pair := range [][2]string{{"debian-11", "debian-12"}, {"debian-12", "debian-12-build"}, {"alpine-3.18", "alpine-3.20"}, {"debian-11-build", "node"}, {"java", "malware"}, {"go", "leaked-key"}} {
		if raced && (reports[pair[0]] == "" || reports[pair[1]] == "") {
			continue
		}
		there, back := diff(pair[0], pair[1]), diff(pair[1], pair[0])
		if d := cmp.Diff(ids(there.Added), ids(back.Fixed)); d != "" {
			t.Errorf("%v: new there, fixed back: %s", pair, d)
		}
		if d := cmp.Diff(ids(there.Fixed), ids(back.Added)); d != "" {
			t.Errorf("%v: fixed there, new back: %s", pair, d)
		}
		if len(there.Added)+len(there.Fixed) == 0 || len(there.Unchanged) != len(back.Unchanged) {
			t.Errorf("%v: %d new, %d fixed, %d and %d unchanged", pair, len(there.Added), len(there.Fixed), len(there.Unchanged), len(back.Unchanged))
		}
		if same := diff(pair[0], pair[0]); len(same.Added)+len(same.Fixed)+len(same.Appeared)+len(same.Vanished) > 0 {
			t.Errorf("%s differs from itself", pair[0])
		}
	}
}

// A key that a later step deletes is still in the image: the report says in which
// layer, and by which instruction, and never shows the key.
func TestHiddenKey(t *testing.T) {
	y := newYard(t)
	text := y.scan("leaked-key", "json")
	r := y.result(text)
	found := 0
	for _, f := range r.Findings {
		if f.Kind != sekisho.Secret {
			continue
		}
		found++
		if !f.Location.Hidden || f.Location.Path != "root/.ssh/id_ecdsa" || f.Introduced == nil || f.Introduced.Index != 1 || f.Introduced.Layer != r.Layers[1].DiffID || !strings.Contains(f.Introduced.Instruction, "COPY id_ecdsa") {
			t.Errorf("%+v, introduced by %+v", f, f.Introduced)
		}
	}
	if found != 1 {
		t.Errorf("%d secrets are found", found)
	}
	table := y.scan("leaked-key", "table")
	for _, want := range []string{"1. act now  Revoke the secret in root/.ssh/id_ecdsa", "Introduced by: 1 COPY id_ecdsa /root/.ssh/"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table does not say %q:\n%s", want, table)
		}
	}
	if body := secretLine(y); body == "" || strings.Contains(text, body) || strings.Contains(table, body) {
		t.Errorf("the key is shown, or there is none: %q", body)
	}
}

// secretLine is a line of the key that the image holds.
func secretLine(y *yard) string {
	for _, i := range y.images {
		for _, s := range i.steps {
			if k := s.files["root/.ssh/id_ecdsa"]; k != "" {
				return strings.Split(k, "\n")[1]
			}
		}
	}
	return ""
}

func (y *yard) write(name, text string) string {
	y.Helper()
	must(y.T, os.WriteFile(filepath.Join(y.dir, name), []byte(text), 0o600))
	return name
}
