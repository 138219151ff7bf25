// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/engine/clamav"
	"github.com/sekisho/sekisho/internal/engine/yara"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestNamesOfDetectors(t *testing.T) {
	if ClamAV != clamav.Detector || YARA != yara.Detector {
		t.Error("facts of an engine would be judged by nobody")
	}
}

func TestRules(t *testing.T) {
	for _, r := range Rules() {
		if bad := check.Lint(&r); len(bad) != 0 {
			t.Error(bad)
		}
	}
}

func facts() *sekisho.Inventory {
	at := func(index int, path string, hidden bool) sekisho.Location {
		return sekisho.Location{Index: index, Layer: fmt.Sprint("l", index), Path: path, Hidden: hidden}
	}
	return &sekisho.Inventory{
		Layers: []sekisho.Layer{{Instruction: "ADD base"}, {Instruction: "COPY app"}},
		Malware: []sekisho.MalwareFact{
			{Detector: "clamav", Name: "Eicar", SHA256: "aa", Engine: "ClamAV 1", Date: "2026-11-20", Location: at(0, "tmp/e", true)},
			{Detector: "clamav", Name: "Eicar", SHA256: "aa", Engine: "ClamAV 1", Date: "2026-11-20", Location: at(1, "srv/e", false)},
			{Detector: "clamav", Name: "PUA.X", SHA256: "bb", Severity: sekisho.SeverityMedium, Engine: "ClamAV 1", Location: at(0, "deleted", true)},
			{Detector: "yara", Name: "marked", SHA256: "aa", Text: "says much", Excerpt: "namespace n, $a at 0x1 (2 bytes)", Engine: "YARA 4", Location: at(1, "srv/e", false)},
			{Detector: "own-heuristic", Name: "not ours", Location: at(0, "x", false)},
		},
	}
}

func told(j sekisho.Judgement) (out []string) {
	for _, f := range j.Findings {
		s := fmt.Sprintf("%s %s %v %s %s %v %s", f.Kind, f.Rule, f.Severity, f.Location.Path, strings.Join(f.Aliases, " "), f.Location.Hidden, f.Introduced.Instruction)
		for _, e := range f.Evidence {
			s += fmt.Sprintf(" | %s %s %s %s %s", e.Source, e.ID, e.Date, e.Path, e.Text)
		}
		out = append(out, s)
	}
	return out
}

func TestCheck(t *testing.T) {
	j, err := Checker(nil).Check(t.Context(), facts())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"malware clamav-signature critical srv/e Eicar false COPY app | ClamAV 1 Eicar 2026-11-20 srv/e sha256:aa, layer 1 | ClamAV 1 Eicar 2026-11-20 tmp/e sha256:aa, layer 0, deleted or replaced by a later layer",
		"malware clamav-signature medium deleted PUA.X true ADD base | ClamAV 1 PUA.X  deleted sha256:bb, layer 0, deleted or replaced by a later layer",
		"malware yara-match high srv/e marked false COPY app | YARA 4 marked  srv/e says much, namespace n, $a at 0x1 (2 bytes), sha256:aa, layer 1",
	}
	if d := cmp.Diff(want, told(j)); d != "" {
		t.Error(d)
	}
	if len(j.Rules) != 2 || j.Findings[0].Title != "ClamAV knows srv/e as Eicar" || j.Findings[2].Title != "The YARA rule marked matches srv/e" {
		t.Errorf("%v %s", j.Rules, j.Findings[0].Title)
	}
	ids := map[string]bool{}
	for _, f := range j.Findings {
		ids[f.ID] = true
	}
	if len(ids) != 3 {
		t.Error("two findings have one id")
	}
}

func TestSettings(t *testing.T) {
	j, err := Checker(&check.Settings{Off: []string{"clamav-signature"}, Severities: map[string]sekisho.Severity{"yara-match": sekisho.SeverityLow}}).Check(t.Context(), facts())
	if err != nil || len(j.Findings) != 1 || j.Findings[0].Severity != sekisho.SeverityLow || len(j.Rules) != 1 {
		t.Errorf("%v %v", told(j), err)
	}
}

func TestManyPlacesAreOneFinding(t *testing.T) {
	inv := &sekisho.Inventory{}
	for i := range 100 {
		inv.Malware = append(inv.Malware, sekisho.MalwareFact{Detector: "clamav", Name: "X", SHA256: "aa", Location: sekisho.Location{Path: fmt.Sprintf("f%02d", i)}})
	}
	j, err := Checker(nil).Check(t.Context(), inv)
	if err != nil || len(j.Findings) != 1 || len(j.Findings[0].Evidence) != maxEvidence+1 || j.Findings[0].Evidence[maxEvidence].Text != "and 80 more places" {
		t.Errorf("%v %v", told(j), err)
	}
}
