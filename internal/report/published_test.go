// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// results are what every format is validated over.
func results() map[string]*sekisho.Result {
	dir := judgedImage()
	dir.Target = sekisho.Target{Kind: sekisho.KindRepository, Name: "."}
	root, purl := judgedImage(), judgedImage()
	root.Target = sekisho.Target{Kind: sekisho.KindRootFS, Name: "/", Source: "dir"}
	purl.Target = sekisho.Target{Kind: sekisho.KindPURL, Name: "pkg:npm/lodash@4.17.20", Source: "purl"}
	index := judgedImage() // the same packages and findings on two platforms
	index.Platforms = []sekisho.Result{*judgedImage()}
	bare := judgedImage() // facts alone, as little as there can be
	bare.OS, bare.Created = nil, bare.Created.AddDate(-1, 0, 0)
	bare.Target.Name, bare.Target.Digest = "shop", ""
	for i := range bare.Findings {
		f := &bare.Findings[i]
		f.CVSS, f.EPSS, f.KEV, f.References, f.Aliases, f.Title, f.Introduced = nil, nil, nil, []string{"not an address", "javascript:x", "javascript://example.com/%0aalert(1)"}, nil, "", nil
		f.Package.Version, f.Published = "", "2024-02-03T04:05:06Z"
	}
	return map[string]*sekisho.Result{"sample": sample(), "empty": empty(), "judged": judgedImage(), "directory": dir, "root": root, "purl": purl, "index": index, "bare": bare}
}

// validator says what is wrong with a document.
type validator func(t *testing.T, doc string) error

// published are the schemas of each format, and a document that is broken.
// testdata/schema/README.md says where the schemas come from.
var published = []struct {
	format   string
	schema   func(t *testing.T) validator
	from, to string
}{
	{"sarif", jsonFiles("sarif-schema-2.1.0.json"), `"ruleId": `, `"ruleld": `},
	{"spdx-json", jsonFiles("spdx-schema-2.3.json"), `"downloadLocation": `, `"download": `},
	{"rdjson", jsonFiles("rdf/DiagnosticResult.json"), `"diagnostics": [`, `"diagnostics": 3, "x": [`},
	{"gitlab", jsonFiles("gitlab.json"), `"start_time": "2`, `"start_time": "on 2`},
	{"junit", xsdFile("testdata/schema/jenkins-junit.xsd"), `<testsuite name=`, `<testsuite nam=`},
	{"cyclonedx", cycloneDXJSON, `"bomFormat": "CycloneDX"`, `"bomFormat": "other"`},
	{"csaf-vex", csafJSON, `"product_status": `, `"product_state": `},
	{"cyclonedx-vex", cycloneDXJSON, `"bomFormat": "CycloneDX"`, `"bomFormat": "other"`},
	{"cyclonedx-xml", cycloneDXXML, `<component type=`, `<component typ=`},
}

// Every format over every result is valid by its published schema, and the
// schema refuses a broken document.
func TestPublishedSchemas(t *testing.T) {
	for _, p := range published {
		t.Run(p.format, func(t *testing.T) {
			validate := p.schema(t)
			for name, r := range results() {
				doc := render(t, p.format, r, Options{})
				if err := validate(t, doc); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				broken := strings.Replace(doc, p.from, p.to, 1)
				if broken == doc {
					if name == "empty" {
						continue // nothing in it to break
					}
					t.Errorf("%s: there is no %s to break", name, p.from)
				} else if validate(t, broken) == nil {
					t.Errorf("%s: %s is accepted", name, p.to)
				}
			}
		})
	}
}

// jsonFiles compiles a JSON Schema of testdata/schema; formats are asserted.
func jsonFiles(name string) func(*testing.T) validator {
	return func(t *testing.T) validator {
		t.Helper()
		c := jsonschema.NewCompiler()
		addSchema(t, c, "https://schema.example.com/"+name, filepath.Join("testdata/schema", name))
		return compiled(t, c, "https://schema.example.com/"+name)
	}
}

func addSchema(t *testing.T, c *jsonschema.Compiler, url, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource(url, doc); err != nil {
		t.Fatal(err)
	}
}

func compiled(t *testing.T, c *jsonschema.Compiler, url string) validator {
	t.Helper()
	c.AssertFormat()
	schema, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, doc string) error {
		t.Helper()
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
		if err != nil {
			return err
		}
		return schema.Validate(v)
	}
}

// csafJSON compiles CSAF's schema with those of CVSS that it refers to.
func csafJSON(t *testing.T) validator {
	t.Helper()
	c := jsonschema.NewCompiler()
	for _, v := range []string{"2.0", "3.0", "3.1"} {
		addSchema(t, c, "https://www.first.org/cvss/cvss-v"+v+".json", "testdata/schema/csaf/cvss-v"+v+".json")
	}
	const url = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
	addSchema(t, c, url, "testdata/schema/csaf/csaf_json_schema.json")
	return compiled(t, c, url)
}

// cycloneDXDir is where CycloneDX's own Go library carries the schemas.
func cycloneDXDir(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "schema")
}

func cycloneDXJSON(t *testing.T) validator {
	t.Helper()
	dir, c := cycloneDXDir(t), jsonschema.NewCompiler()
	for url, file := range map[string]string{
		"http://cyclonedx.org/schema/bom-1.6.schema.json": "bom-1.6.schema.json", "http://cyclonedx.org/schema/spdx.schema.json": "spdx.schema.json",
		"http://cyclonedx.org/schema/jsf-0.82.schema.json": "jsf-0.82.schemax.json",
	} {
		addSchema(t, c, url, filepath.Join(dir, file))
	}
	return compiled(t, c, "http://cyclonedx.org/schema/bom-1.6.schema.json")
}

func cycloneDXXML(t *testing.T) validator {
	t.Helper()
	return xsdFile(filepath.Join(cycloneDXDir(t), "bom-1.6.xsd"))(t)
}

// xsdFile validates XML by xmllint (libxml2), without any network.
func xsdFile(file string) func(*testing.T) validator {
	return func(t *testing.T) validator {
		t.Helper()
		program, err := exec.LookPath("xmllint")
		if err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal("xmllint is missing: scripts/test installs it (libxml2-utils)")
			}
			t.Skip("xmllint is missing: scripts/test installs it (libxml2-utils)")
		}
		return func(t *testing.T, doc string) error {
			t.Helper()
			cmd := exec.CommandContext(t.Context(), program, "--nonet", "--noout", "--schema", file, "-")
			cmd.Stdin = strings.NewReader(doc)
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
	}
}
