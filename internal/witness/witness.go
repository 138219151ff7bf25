// SPDX-License-Identifier: Apache-2.0

// Package witness reads the reports of other tools as results: their findings
// with the tool as the only evidence, the packages that they list, and what they
// show to have looked at. It judges nothing and joins nothing; what a report does
// not say is not assessed.
package witness

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Format of a report.
type Format string

// The formats, told apart by their content.
const (
	SARIF     Format = "sarif"
	CycloneDX Format = "cyclonedx"
	Trivy     Format = "trivy"
	Grype     Format = "grype"
	Snyk      Format = "snyk"
	Inspector Format = "inspector"
	// ASFF is the format of AWS Security Hub.
	ASFF Format = "asff"
	// Own is a JSON report of this program: report.ReadJSON reads it.
	Own Format = "sekisho"
)

// Formats are those that Read reads.
var Formats = []Format{SARIF, CycloneDX, Trivy, Grype, Snyk, Inspector, ASFF}

// Bounds of one report: bytes (of gzip as well, unpacked), how deep its values
// nest, and how much is taken of it.
const (
	MaxBytes    = 256 << 20
	maxDepth    = 200
	maxFindings = 500_000
	maxPackages = 500_000
)

// ErrOwn is the error for a report of this program.
var ErrOwn = message.New("it is a report of sekisho")

// UnknownError is the error for a text that is no report of a known format.
type UnknownError struct{ why error }

func (e *UnknownError) Error() string { return e.why.Error() }

// Unwrap gives the text as an error, which is said in every language.
func (e *UnknownError) Unwrap() error { return e.why }

// Text reads a report's bytes; gzip is unpacked.
func Text(in io.Reader) ([]byte, error) {
	b, err := atMost(in)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, message.Errorf("it begins like gzip and is none: %w", err)
		}
		if b, err = atMost(z); err != nil {
			return nil, message.Errorf("unpack it: %w", err)
		}
	}
	return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), nil
}

func atMost(in io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, MaxBytes+1))
	if err == nil && len(b) > MaxBytes {
		err = message.Errorf("it is larger than %d MiB", MaxBytes>>20)
	}
	return b, err
}

// Detect says which format a JSON text has; "" with an error for none.
func Detect(text []byte) (Format, error) {
	text = bytes.TrimSpace(text)
	if err := shallow(text); err != nil {
		return "", err
	}
	switch {
	case len(text) == 0:
		return "", &UnknownError{message.New("it is empty")}
	case text[0] == '[':
		var list []map[string]json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			return "", notJSON(err)
		}
		// A list is of one sort: the first that tells speaks for it.
		for _, one := range list {
			if f := ofKeys(one); f == Snyk || f == Inspector || f == ASFF {
				return f, nil
			}
		}
		return "", &UnknownError{message.New("it is a list of nothing that is known here")}
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(text, &top); err != nil {
		return "", notJSON(err)
	}
	if f := ofKeys(top); f != "" {
		return f, nil
	}
	return "", &UnknownError{message.New("it is JSON, but no report of sekisho, SARIF, CycloneDX, Trivy, Grype, Snyk or Amazon Inspector")}
}

// ofKeys tells the format by the members of the outermost object.
func ofKeys(top map[string]json.RawMessage) Format {
	has := func(keys ...string) bool {
		for _, k := range keys {
			if _, ok := top[k]; !ok {
				return false
			}
		}
		return true
	}
	text := func(key string) string {
		var s string
		_ = json.Unmarshal(top[key], &s) // "" where it is no string
		return s
	}
	switch {
	case has("schemaVersion", "tool", "findings"):
		return Own
	case has("runs") && strings.HasPrefix(text("version"), "2."):
		return SARIF
	case text("bomFormat") == "CycloneDX":
		return CycloneDX
	case has("ClusterName") && (has("Resources") || has("Vulnerabilities") || has("Misconfigurations") || has("Findings")):
		return Trivy // a cluster
	case has("SchemaVersion") && (has("Results") || has("ArtifactName")) && !has("ProductArn"):
		return Trivy
	case has("matches") && (has("descriptor") || has("source") || has("distro")):
		return Grype
	case has("ok", "error", "path"):
		return Snyk // it failed
	case has("vulnerabilities") && (has("ok") || has("packageManager") || has("projectName") || has("dependencyCount")):
		return Snyk
	case has("Findings"), has("ProductArn", "SchemaVersion"):
		return ASFF
	case has("findings"), has("findingArn"), has("imageScanFindings"), text("source") == "aws.inspector2" && has("detail"):
		return Inspector
	case has("detail") && strings.HasPrefix(text("detail-type"), "Security Hub Findings"):
		return ASFF
	}
	return ""
}

func notJSON(err error) error {
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typ):
		return &UnknownError{message.New("it is JSON, but no report that is known here")}
	case strings.Contains(err.Error(), "unexpected end"), errors.Is(err, io.ErrUnexpectedEOF):
		return message.New("it ends too early, it was cut off: write it again")
	}
	return &UnknownError{message.Errorf("it is no JSON: %w", err)}
}

// shallow refuses text that nests deeper than any report.
func shallow(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return message.Errorf("its values nest deeper than %d", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// Read reads a report of any of the Formats. Name is what the file is called,
// for the target where the report names none. A report of this program is ErrOwn.
//
// The result holds the findings in the order of the report, without fingerprints.
func Read(name string, text []byte) (*sekisho.Result, error) {
	text = asList(text)
	format, err := Detect(text)
	if err != nil {
		return nil, err
	}
	b := &builder{format: format}
	b.r = sekisho.Result{
		SchemaVersion: sekisho.SchemaVersion, Target: sekisho.Target{Kind: sekisho.KindSBOM, Name: name, Source: "report"},
		Packages: []sekisho.Package{}, Findings: []sekisho.Finding{}, Problems: []sekisho.Problem{},
	}
	switch format {
	case SARIF:
		err = b.sarif(text)
	case CycloneDX:
		err = b.cycloneDX(text)
	case Trivy:
		err = b.trivy(text)
	case Grype:
		err = b.grype(text)
	case Snyk:
		err = b.snyk(text)
	case Inspector:
		err = b.inspector(text)
	case ASFF:
		err = b.asff(text)
	case Own:
		return nil, ErrOwn
	}
	if err != nil {
		return nil, err
	}
	return b.result(), nil
}

// asList makes a list of JSON values that stand one behind the other, as pages of
// a command line and deliveries of events do; other text stays as it is.
func asList(text []byte) []byte {
	text = bytes.TrimSpace(text)
	d := json.NewDecoder(bytes.NewReader(text))
	var all []json.RawMessage
	for {
		var one json.RawMessage
		err := d.Decode(&one)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(one) == 0 || one[0] != '{' || len(all) >= maxFindings {
			return text
		}
		all = append(all, one)
	}
	if len(all) < 2 {
		return text
	}
	out := append(make([]byte, 0, len(text)+len(all)+2), '[')
	for i, one := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, one...)
	}
	return append(out, ']')
}

// decode reads the whole text into v, and says in a sentence what is wrong.
func decode(text []byte, format Format, v any) error {
	err := json.Unmarshal(text, v)
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return message.Errorf("it is no report of %s as it is known here: %s is a %s", format, typ.Field, typ.Value)
	}
	if err != nil {
		return notJSON(err)
	}
	return nil
}
