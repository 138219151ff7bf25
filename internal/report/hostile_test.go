// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// payload tries everything that a name could do to whoever reads a report.
const payload = "\x1b[31m\u202e\u200b\u00ad\U000e0041\u2028\r\n::set-output name=x::y\n##[add-mask]x ##vso[task.setvariable variable=P]x\n" +
	"</script><script>document.title='x'</script><img src=x onerror=alert(1)>\"><svg/onload=alert(1)>\n# H1\n[a](javascript:alert(1)) @team <!-- c --> %0A::error::x"

// poisoned puts the payload behind every text of a result but the words that
// reports choose by.
func poisoned(t *testing.T, r *sekisho.Result) *sekisho.Result {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out sekisho.Result
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	keep := []string{"Kind", "Decision", "Class", "Stage", "Code", "Relationship", "Status", "Origin", "KnownBy", "Effect", "State", "Created", "Date", "Media", "SchemaVersion"}
	day := regexp.MustCompile(`^\d{4}-\d\d-\d\d`)
	var walk func(v reflect.Value, name string)
	walk = func(v reflect.Value, name string) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() && v.Type() != reflect.TypeFor[*time.Time]() {
				walk(v.Elem(), name)
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i), v.Type().Field(i).Name)
				}
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i), name)
			}
		case reflect.String:
			if v.CanSet() && v.Type() == reflect.TypeFor[string]() && !slices.Contains(keep, name) && v.String() != "" && !day.MatchString(v.String()) {
				v.SetString(v.String() + payload)
			}
		}
	}
	walk(reflect.ValueOf(&out), "")
	return &out
}

// Whatever every text of a report holds, no format writes escape sequences or
// turned text to a terminal or a page, no line of a log begins with a command of
// its own, and nowhere stands one that is found within a line.
func TestEveryTextIsHostile(t *testing.T) {
	command := regexp.MustCompile(`##[A-Za-z._-]*\[`)
	for name, r := range map[string]*sekisho.Result{"sample": sample(), "judged": judgedImage()} {
		for _, format := range []string{"table", "table in colour", "markdown", "github", "html", "json", "sarif", "cyclonedx", "spdx-json", "openvex", "csaf-vex", "cyclonedx-vex", "gitlab", "codequality", "rdjson", "baseline", "purls"} {
			format, colour := strings.CutSuffix(format, " in colour")
			got := render(t, format, poisoned(t, r), Options{Packages: true, Color: colour})
			if colour {
				got = regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(got, "")
			}
			if !strings.Contains(got, "set-output") && format != "openvex" {
				t.Errorf("%s of %s: the payload is not there", format, name)
			}
			if slices.Contains(jsonFormats[:], format) {
				if !json.Valid([]byte(got)) {
					t.Errorf("%s of %s is no JSON", format, name)
				}
			} else if i := strings.IndexFunc(got, func(c rune) bool { return message.Unseen(c) && c != '\n' && c != '\t' }); i >= 0 {
				t.Errorf("%s of %s: %q", format, name, got[max(0, i-60):min(len(got), i+20)])
			}
			if m := command.FindString(got); m != "" && format != "html" {
				t.Errorf("%s of %s holds %s", format, name, m)
			}
			for line := range strings.Lines(got) {
				if format != "html" && strings.HasPrefix(strings.TrimSpace(line), "::set-output") {
					t.Errorf("%s of %s: %s", format, name, line)
				}
			}
			if slices.Contains([]string{"html", "markdown"}, format) && (strings.Contains(got, "<script>document") || strings.Contains(got, "<img src=x") || strings.Contains(got, "<svg/onload")) {
				t.Errorf("%s of %s lets markup through", format, name)
			}
		}
		// What was taken apart for the log means the same to whoever reads it.
		want := poisoned(t, r)
		back, err := ReadJSON(strings.NewReader(render(t, "json", want, Options{})))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, back); d != "" {
			t.Errorf("%s is read back as another: %s", name, d)
		}
	}
}

func TestQuiet(t *testing.T) {
	for in, want := range map[string]string{`"a"`: `"a"`, `"## b"`: `"## b"`, `"##[x ###vso[y"`: `"#\u0023[x ##\u0023vso[y"`} {
		var b bytes.Buffer
		n, err := (&quiet{w: &b}).Write([]byte(in))
		if err != nil || n != len(in) || b.String() != want {
			t.Errorf("%s: %s %d %v", in, b.String(), n, err)
		}
	}
}
