// SPDX-License-Identifier: Apache-2.0

package oval

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `<?xml version="1.0"?><oval_definitions xmlns="d" xmlns:oval="o" xmlns:l="l"><generator><oval:timestamp>2025-02-10T00:00:00</oval:timestamp></generator>
<definitions><definition id="def:1" class="patch" version="1"><metadata><title>one</title><reference source="CVE" ref_id="CVE-2024-1" ref_url="u"/>
<patchable>true</patchable><advisory_date>2024-01-02T00:00:00Z</advisory_date><severity>High</severity>
<advisory><severity>LOW</severity><issued date="2024-05-06"/><cve href="h">CVE-2024-2</cve></advisory><description>prose</description></metadata>
<criteria operator="AND"><criterion test_ref="tst:1" comment="a"/><criteria operator="or" negate="true"><criterion test_ref="tst:2" comment="b" negate="1"/></criteria></criteria></definition></definitions>
<tests><l:rpminfo_test id="tst:1"><l:object object_ref="obj:1"/><l:state state_ref="ste:1"/></l:rpminfo_test>
<rpminfo_test id="tst:2"><object object_ref="obj:2"/><state state_ref="ste:2"/><state state_ref="ste:3"/></rpminfo_test>
<rpminfo_test id="tst:3"><object object_ref="obj:1"/><state state_ref="ste:3"/></rpminfo_test>
<rpminfo_test id="tst:4"><object object_ref="obj:9"/><state state_ref="ste:1"/></rpminfo_test></tests>
<objects><l:rpminfo_object id="obj:1"><l:name>bash</l:name></l:rpminfo_object><rpminfo_object id="obj:2"><name> zlib </name></rpminfo_object></objects>
<states><l:rpminfo_state id="ste:1"><l:evr datatype="evr_string" operation="less than">0:5.1-1</l:evr></l:rpminfo_state>
<rpminfo_state id="ste:2"><evr operation="less than or equal"> 1:2-3 </evr></rpminfo_state>
<rpminfo_state id="ste:3"><arch operation="pattern match">^(aarch64|x86_64)$</arch></rpminfo_state></states></oval_definitions>`

func TestParse(t *testing.T) {
	d, err := Parse(t.Context(), []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	def := Definition{
		ID: "def:1", Class: "patch", Title: "one", References: []Reference{{"CVE", "CVE-2024-1"}}, Severity: "LOW", CVEs: []string{"CVE-2024-2"},
		Patchable: "true", AdvisoryDate: "2024-01-02T00:00:00Z", Rating: "High",
		Criteria: Criteria{
			Operator: "AND", Criterions: []Criterion{{Test: "tst:1", Comment: "a"}},
			Criteria: []Criteria{{Operator: "or", Negate: "true", Criterions: []Criterion{{Test: "tst:2", Comment: "b", Negate: "1"}}}},
		},
	}
	def.Issued.Date = "2024-05-06"
	if diff := cmp.Diff([]Definition{def}, d.Definitions); diff != "" || d.Date != "2025-02-10" {
		t.Error(d.Date, diff)
	}
	inner := &d.Definitions[0].Criteria.Criteria[0]
	if d.Definitions[0].Criteria.Or() || d.Definitions[0].Criteria.Negated() || !inner.Or() || !inner.Negated() || !inner.Criterions[0].Negated() {
		t.Error("operators or negations are read wrongly")
	}
	for ref, want := range map[string]Version{
		"tst:1": {Package: "bash", Operation: "less than", EVR: "0:5.1-1"},
		"tst:2": {Package: "zlib", Operation: "less than or equal", EVR: "1:2-3", Arches: []string{"aarch64", "x86_64"}},
		"tst:3": {}, "tst:4": {}, "tst:9": {}, "": {},
	} {
		got, err := d.Version(ref)
		if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (want.Package != "") || err != nil && !errors.Is(err, ErrNoTest) {
			t.Errorf("%s: %v %s", ref, err, diff)
		}
	}
}

func TestDamage(t *testing.T) {
	for name, data := range map[string]string{
		"empty": "", "text": "x", "other root": "<html></html>", "unclosed": "<oval_definitions>", "other encoding": `<?xml version="1.0" encoding="x"?><oval_definitions/>`,
		"deep": "<oval_definitions><definition>" + strings.Repeat("<criteria>", 100_000), "entities": "<oval_definitions><definition>&a;</definition></oval_definitions>",
	} {
		if d, err := Parse(t.Context(), []byte(data)); err == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for i := range len(sample) - 1 {
		if _, err := Parse(t.Context(), []byte(sample[:i])); err == nil {
			t.Fatalf("the first %d bytes are a document", i)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Parse(ctx, []byte(sample)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v after it was cancelled", err)
	}
}

func TestDay(t *testing.T) {
	for in, want := range map[string]string{
		"2025-02-24T13:05:27.3Z": "2025-02-24", " 2025-02-24 ": "2025-02-24", "2025-02-24": "2025-02-24", "2025-2-4": "", "24.02.2025 1": "", "2025-0x-24": "", "": "",
	} {
		if got := Day(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(t.Context(), b)
		if err != nil {
			return
		}
		for _, def := range d.Definitions {
			for _, c := range def.Criteria.Criterions {
				if v, err := d.Version(c.Test); err == nil && (v.Package == "" || v.EVR == "") {
					t.Errorf("half a version: %+v", v)
				}
			}
		}
	})
}
