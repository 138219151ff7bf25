// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// referred is a registry that lists what refers to an image.
type referred struct {
	*fakeRegistry
	list map[string][]v1.Descriptor
	err  error
	tags map[string]string
}

func (r *referred) Referrers(_ context.Context, digest string) ([]v1.Descriptor, error) {
	return r.list[digest], r.err
}

func (r *referred) Manifest(ctx context.Context, ref string) ([]byte, string, string, error) {
	if d := r.tags[ref]; d != "" {
		ref = d
	}
	return r.fakeRegistry.Manifest(ctx, ref)
}

// attach stores a manifest with one layer, and returns its digest.
func (r *referred) attach(mediaType string, body []byte, notes ...any) string {
	l := r.put(mediaType, body)
	if len(notes) > 0 {
		l = with(l, notes...)
	}
	m := r.put(ociManifest, jsonOf(r.t, object{
		"schemaVersion": 2, "mediaType": ociManifest, "config": r.put("application/vnd.oci.empty.v1+json", []byte("{}")), "layers": []object{l},
	}))
	return m["digest"].(string)
}

func (r *referred) refer(subject, digest string) {
	algorithm, hex, _ := strings.Cut(digest, ":")
	r.list[subject] = append(r.list[subject], v1.Descriptor{Digest: v1.Hash{Algorithm: algorithm, Hex: hex}, MediaType: ociManifest})
}

func statementAbout(t *testing.T, digest, predicate string, body any) []byte {
	t.Helper()
	_, hex, _ := strings.Cut(digest, ":")
	return jsonOf(t, object{"_type": "https://in-toto.io/Statement/v1", "predicateType": predicate, "subject": []object{{"name": "x", "digest": object{"sha256": hex}}}, "predicate": body})
}

func envelope(t *testing.T, statement []byte) object {
	t.Helper()
	return object{"payloadType": typeInToto, "payload": base64.StdEncoding.EncodeToString(statement), "signatures": []object{{"sig": "eA=="}}}
}

// Every way in which a statement lies beside an image is found, and only what
// speaks of this image.
func TestAttachments(t *testing.T) {
	f := newFixture(t)
	image := f.image("linux", "amd64", "")
	digest := image["digest"].(string)
	r := &referred{fakeRegistry: &fakeRegistry{fixture: f, root: digest}, list: map[string][]v1.Descriptor{}, tags: map[string]string{}}
	vex := func(id string) object {
		return object{"@context": "https://openvex.dev/ns/v0.2.0", "@id": id, "statements": []object{}}
	}
	const predicate = "https://openvex.dev/ns/v0.2.0"

	r.refer(digest, r.attach("application/vnd.openvex+json", jsonOf(t, vex("plain"))))
	r.refer(digest, r.attach(typeInToto, statementAbout(t, digest, predicate, vex("statement"))))
	r.refer(digest, r.attach(typeEnvelope, jsonOf(t, envelope(t, statementAbout(t, digest, predicate, vex("envelope"))))))
	r.refer(digest, r.attach(typeBundle+".v0.3+json", jsonOf(t, object{"dsseEnvelope": envelope(t, statementAbout(t, digest, predicate, vex("bundle")))})))
	r.tags[strings.Replace(digest, ":", "-", 1)+".att"] = r.attach(typeEnvelope, jsonOf(t, envelope(t, statementAbout(t, digest, predicate, vex("tag")))), "annotations", object{"predicateType": predicate})
	// These are none.
	r.refer(digest, r.attach(typeEnvelope, []byte("{}"), "annotations", object{"predicateType": "https://slsa.dev/provenance/v1"}))
	r.refer(digest, r.attach(typeInToto, statementAbout(t, digest, "https://spdx.dev/Document", vex("bill"))))
	r.refer(digest, r.attach("application/vnd.dev.cosign.simplesigning.v1+json", []byte("{}")))
	// These are broken, and said.
	r.refer(digest, r.attach(typeInToto, statementAbout(t, "sha256:"+strings.Repeat("b", 64), predicate, vex("other"))))
	r.refer(digest, r.attach(typeEnvelope, []byte(`{"payload":"%%%"}`)))
	r.refer(digest, "sha256:"+strings.Repeat("c", 64))

	arts, err := (&assembly{store: r, opts: Options{Attached: true}, source: "registry", name: "example.com/app:tag"}).open(t.Context(), "tag")
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(t, arts)
	var got []string
	for _, a := range arts[0].Attached {
		_, rest, _ := strings.Cut(string(a.Text), `"@id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		if signed := id == "envelope" || id == "bundle" || id == "tag"; a.Signed != signed || a.Name == "" {
			t.Errorf("%s: signed %v", id, a.Signed)
		}
		got = append(got, id)
	}
	if s := strings.Join(got, " "); s != "plain statement envelope bundle tag" {
		t.Errorf("found %s", s)
	}
	var said []string
	for _, p := range arts[0].Problems {
		if !p.Minor {
			t.Errorf("%+v", p)
		}
		said = append(said, p.Error)
	}
	for _, want := range []string{"about another image", "no base64", "manifest unknown"} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("nobody says %q in %q", want, said)
		}
	}
	if len(said) != 3 {
		t.Errorf("problems %q", said)
	}

	if arts, err = (&assembly{store: r, source: "registry", name: "x"}).open(t.Context(), "tag"); err != nil || arts[0].Attached != nil {
		t.Errorf("statements that nobody asked for: %v, %v", arts[0].Attached, err)
	}
	r.err = errors.New("the registry is gone")
	if arts, err = (&assembly{store: r, opts: Options{Attached: true}, source: "registry", name: "x"}).open(t.Context(), "tag"); err != nil || len(arts[0].Problems) == 0 || !strings.Contains(arts[0].Problems[0].Error, "gone") {
		t.Errorf("%v, %v", arts[0].Problems, err)
	}
}

// Too many statements are bounded, and said.
func TestAttachmentsAreBounded(t *testing.T) {
	f := newFixture(t)
	digest := f.image("linux", "amd64", "")["digest"].(string)
	r := &referred{fakeRegistry: &fakeRegistry{fixture: f, root: digest}, list: map[string][]v1.Descriptor{}}
	for i := range maxAttached {
		r.refer(digest, r.attach("application/vnd.openvex+json", []byte(strings.Repeat(" ", i)+"{}")))
	}
	arts, err := (&assembly{store: r, opts: Options{Attached: true}, source: "registry", name: "x"}).open(t.Context(), "tag")
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(t, arts)
	if n := len(arts[0].Attached); n == 0 || n >= maxAttached || len(arts[0].Problems) != 1 || !strings.Contains(arts[0].Problems[0].Error, "the rest was not read") {
		t.Errorf("%d statements, %v", n, arts[0].Problems)
	}
}

func FuzzAttachment(f *testing.F) {
	for _, s := range []string{
		`{"payload":"e30=","signatures":[{}]}`, `{"dsseEnvelope":{"payload":"e30="}}`,
		`{"predicateType":"https://openvex.dev/ns","predicate":{},"subject":[{"digest":{"sha256":"aa"}}]}`, `[`, `{"payload":1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		finder := attachedFinder{subjects: []string{"sha256:aa"}}
		if text, _, err := finder.unwrap(body); err != nil && text != nil {
			t.Error("a statement beside an error")
		}
	})
}
