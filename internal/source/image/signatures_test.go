// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/signature"
)

// signedRegistry is a registry that knows which tags it has not.
type signedRegistry struct {
	*referred
	broken string // a reference that it does not answer
}

func (r *signedRegistry) Manifest(ctx context.Context, ref string) ([]byte, string, string, error) {
	if r.broken != "" && strings.Contains(ref, r.broken) {
		return nil, "", "", errors.New("the registry is in trouble")
	}
	if strings.HasPrefix(ref, "sha256-") && r.tags[ref] == "" {
		return nil, "", "", fmt.Errorf("it has no such tag: %w", errNoImage)
	}
	if strings.HasPrefix(ref, "sha256:") && r.blobs[ref] == nil {
		return nil, "", "", fmt.Errorf("it has no such manifest: %w", errNoImage)
	}
	raw, kind, _, err := r.referred.Manifest(ctx, ref)
	return raw, kind, digestOf(raw), err
}

// carry stores a manifest with layers of one type, and returns its digest.
func (r *signedRegistry) carry(kind string, subject string, layers ...object) string {
	m := object{"schemaVersion": 2, "mediaType": ociManifest, "config": r.put("application/vnd.oci.empty.v1+json", []byte("{}")), "layers": layers}
	if kind != "" {
		m["artifactType"] = kind
	}
	if subject != "" {
		m["subject"] = object{"mediaType": ociManifest, "digest": subject, "size": 1}
	}
	return r.put(ociManifest, jsonOf(r.t, m))["digest"].(string)
}

func (r *signedRegistry) referAs(subject, digest, kind string) {
	r.refer(subject, digest)
	r.list[subject][len(r.list[subject])-1].ArtifactType = kind
}

func (r *signedRegistry) open(t *testing.T, root string) *sekisho.Artifact {
	t.Helper()
	r.root = root
	arts, err := (&assembly{store: r, opts: Options{Signatures: true, Platform: "linux/amd64"}, source: "registry", name: "example.com/app:tag"}).open(t.Context(), "tag")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAll(t, arts) })
	return arts[0]
}

func newSigned(t *testing.T) (r *signedRegistry, manifest, index string) {
	t.Helper()
	f := newFixture(t)
	m := f.image("linux", "amd64", "")
	i := f.index(with(m, "platform", platformJSON("linux", "amd64", "")))
	r = &signedRegistry{referred: &referred{fakeRegistry: &fakeRegistry{fixture: f}, list: map[string][]v1.Descriptor{}, tags: map[string]string{}}}
	return r, m["digest"].(string), i["digest"].(string)
}

func tagOf(digest, tail string) string { return strings.Replace(digest, ":", "-", 1) + tail }

// Whatever may be a signature is found where it lies, once, with what is beside
// it; what is none is not fetched.
func TestSignatures(t *testing.T) {
	r, manifest, index := newSigned(t)
	payload := r.put(signature.TypeSimple, []byte(`{"payload":1}`))
	noted := func(sig string) object { return with(payload, "annotations", object{cosignSignature: sig}) }
	keyless := with(r.put(signature.TypeSimple, []byte(`{"payload":2}`)), "annotations", object{cosignSignature: "c", cosignCertificate: "PEM"})
	r.tags[tagOf(manifest, ".sig")] = r.carry("", "", noted("a"), noted("b"), noted("a"), keyless)
	r.tags[tagOf(index, ".sig")] = r.carry("", "", noted("d"))
	r.tags[tagOf(manifest, ".att")] = r.carry("", "", r.put(signature.TypeEnvelope, []byte(`{"envelope":1}`)), r.put(signature.TypeInToto, []byte(`{"bare":1}`)))
	bundle := r.carry(signature.TypeBundle+".v0.3+json", manifest, r.put(signature.TypeBundle+".v0.3+json", []byte(`{"bundle":1}`)))
	r.referAs(manifest, bundle, "")
	r.referAs(index, bundle, signature.TypeBundle+".v0.3+json") // once
	r.referAs(manifest, r.carry(typeCosignReferrer, manifest, noted("e")), typeCosignReferrer)
	r.referAs(manifest, r.carry(signature.TypeNotation, manifest, r.put("application/jose+json", []byte("{}"))), "")
	r.referAs(index, "sha256:"+strings.Repeat("e", 64), signature.TypeNotation)
	r.referAs(index, "sha256:"+strings.Repeat("f", 64), "application/vnd.example.Signature.v1")
	r.referAs(index, "sha256:"+strings.Repeat("a", 64), "application/vnd.cyclonedx+json") // not there, and not asked for

	art := r.open(t, index)
	s := art.Signatures
	if s == nil || !s.Asked || s.Why.Code != "" || len(s.Digests) != 2 || s.Digests[0] != manifest || s.Digests[1] != index || len(art.Problems) != 0 {
		t.Fatalf("%+v, problems %v", s, art.Problems)
	}
	var got []string
	for _, d := range s.Documents {
		line := strings.TrimPrefix(d.MediaType, "application/vnd.") + " " + d.Signature + " " + string(d.Text)
		if d.Certificate {
			line += " certificate"
		}
		if !strings.HasPrefix(d.Manifest, "sha256:") {
			t.Errorf("%+v has no manifest", d)
		}
		got = append(got, line)
	}
	want := []string{
		`dev.cosign.simplesigning.v1+json a {"payload":1}`, `dev.cosign.simplesigning.v1+json b {"payload":1}`, `dev.cosign.simplesigning.v1+json c {"payload":2} certificate`,
		`dev.cosign.simplesigning.v1+json d {"payload":1}`, `dev.sigstore.bundle.v0.3+json  {"bundle":1}`, `dev.cosign.simplesigning.v1+json e {"payload":1}`,
		"cncf.notary.signature  ", "cncf.notary.signature  ", "example.Signature.v1  ", `dsse.envelope.v1+json  {"envelope":1}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if one := r.open(t, manifest).Signatures; len(one.Digests) != 1 || one.Digests[0] != manifest {
		t.Errorf("without an index: %+v", one)
	}
	if arts, err := (&assembly{store: r, source: "registry", name: "x"}).open(t.Context(), "tag"); err != nil || arts[0].Signatures != nil {
		t.Errorf("signatures that nobody asked for: %v", err)
	}
}

// Where something that may be a signature cannot be read, it is not known that
// there is none.
func TestSignaturesThatCannotBeRead(t *testing.T) {
	for name, spoil := range map[string]func(r *signedRegistry, manifest string){
		"the tag":           func(r *signedRegistry, _ string) { r.broken = ".sig" },
		"the statements":    func(r *signedRegistry, _ string) { r.broken = ".att" },
		"the list":          func(r *signedRegistry, _ string) { r.err = errors.New("500") },
		"what the list has": func(r *signedRegistry, m string) { r.refer(m, "sha256:"+strings.Repeat("c", 64)) },
		"the payload": func(r *signedRegistry, m string) {
			r.tags[tagOf(m, ".sig")] = r.carry("", "", object{"mediaType": signature.TypeSimple, "digest": "sha256:" + strings.Repeat("d", 64), "size": 3})
		},
		"a huge payload": func(r *signedRegistry, m string) {
			r.tags[tagOf(m, ".sig")] = r.carry("", "", r.put(signature.TypeSimple, make([]byte, maxPayload+1)))
		},
		"an exchanged payload": func(r *signedRegistry, m string) {
			l := r.put(signature.TypeSimple, []byte("one"))
			r.tags[tagOf(m, ".sig")] = r.carry("", "", l)
			r.blobs[l["digest"].(string)] = []byte("two")
		},
		"garbage": func(r *signedRegistry, m string) {
			r.tags[tagOf(m, ".sig")] = r.put(ociManifest, []byte(`{"layers":1}`))["digest"].(string)
		},
	} {
		r, manifest, _ := newSigned(t)
		spoil(r, manifest)
		art := r.open(t, manifest)
		if art.Signatures.Asked || len(art.Problems) != 1 || !art.Problems[0].Minor || !strings.HasPrefix(art.Problems[0].Code, "signature-unread") {
			t.Errorf("%s: %+v, %+v", name, art.Signatures, art.Problems)
		}
	}
}

// A flood of documents, or of bytes, is bounded and said.
func TestSignaturesAreBounded(t *testing.T) {
	for name, flood := range map[string]func(r *signedRegistry, manifest string){
		"documents": func(r *signedRegistry, m string) {
			l := r.put(signature.TypeSimple, []byte("{}"))
			var all []object
			for i := range maxSignatureDocs + 1 {
				all = append(all, with(l, "annotations", object{cosignSignature: fmt.Sprint(i)}))
			}
			r.tags[tagOf(m, ".sig")] = r.carry("", "", all...)
		},
		"referrers": func(r *signedRegistry, m string) {
			for i := range maxSignatureDocs + 1 {
				r.referAs(m, fmt.Sprintf("sha256:%064x", i), signature.TypeNotation)
			}
		},
		"bytes": func(r *signedRegistry, m string) {
			var all []object
			for i := range maxSignatureBytes/(8<<20) + 1 {
				body := make([]byte, 8<<20)
				body[0] = byte(i)
				all = append(all, r.put(signature.TypeEnvelope, body))
			}
			r.tags[tagOf(m, ".att")] = r.carry("", "", all...)
		},
	} {
		r, manifest, _ := newSigned(t)
		flood(r, manifest)
		art := r.open(t, manifest)
		s := art.Signatures
		if s.Asked || s.Why.Code != message.SignatureTooMany.Code || len(s.Documents) == 0 || len(s.Documents) > maxSignatureDocs || len(art.Problems) != 1 || art.Problems[0].Code != message.SignatureTooMany.Code {
			t.Errorf("%s: %d documents, asked %v, why %+v, problems %v", name, len(s.Documents), s.Asked, s.Why, art.Problems)
		}
	}
}

// A layout gives the signatures that it holds, and no more is known of it.
func TestSignaturesOfLayouts(t *testing.T) {
	for name, add := range map[string]func(r *signedRegistry, m string, l object){
		"by its tag": func(r *signedRegistry, m string, l object) {
			r.named(object{"mediaType": ociManifest, "digest": r.carry("", "", l), "size": 1}, tagOf(m, ".sig"))
		},
		"as cosign saves it": func(r *signedRegistry, _ string, l object) {
			r.refs = append(r.refs, object{"mediaType": ociManifest, "digest": r.carry("", "", l), "size": 1, "artifactType": ociConfig, "annotations": object{cosignKind: cosignKinds + "sigs"}})
		},
		"as a referrer": func(r *signedRegistry, m string, l object) {
			r.refs = append(r.refs, object{"mediaType": ociManifest, "digest": r.carry(typeCosignReferrer, m, l), "size": 1, "artifactType": typeCosignReferrer})
		},
		"beside the signature of another image": func(r *signedRegistry, m string, l object) {
			foreign := with(l, "annotations", object{cosignSignature: "b"})
			r.refs = append(r.refs, object{"mediaType": ociManifest, "digest": r.carry(typeCosignReferrer, "sha256:"+strings.Repeat("9", 64), foreign), "size": 1, "artifactType": typeCosignReferrer})
			r.refs = append(r.refs, object{"mediaType": ociManifest, "digest": r.carry(typeCosignReferrer, m, l), "size": 1, "artifactType": typeCosignReferrer})
		},
	} {
		r, manifest, _ := newSigned(t)
		r.refs = append(r.refs, object{"mediaType": ociManifest, "digest": manifest, "size": len(r.blobs[manifest])})
		add(r, manifest, with(r.put(signature.TypeSimple, []byte("{}")), "annotations", object{cosignSignature: "a"}))
		for _, place := range []string{r.dir(), r.archive()} {
			scheme := OCIDir
			if strings.HasSuffix(place, ".tar") {
				scheme = OCIArchive
			}
			arts, err := Open(t.Context(), scheme, place, Options{Signatures: true, Platform: "linux/amd64"})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			s := arts[0].Signatures
			if arts[0].Target.Digest != manifest || len(arts[0].Target.Platforms) != 0 || len(s.Documents) != 1 || s.Documents[0].Signature != "a" || s.Asked || s.Why.Code != message.SignatureLocal.Code || len(arts[0].Problems) != 0 {
				t.Errorf("%s: %+v of %s, %v", name, s, arts[0].Target.Digest, arts[0].Problems)
			}
			closeAll(t, arts)
		}
	}
}

// Lists of what refers to an image come in pages, and a mirror that has none is
// not the last word.
func TestReferrersInPages(t *testing.T) {
	page := func(n int) string {
		return fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"size":1,"digest":"sha256:%064x"}]}`, ociManifest, n)
	}
	var endless, html bool
	next, first := "?page=2", page(1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.URL.Path == "/v2/":
		case !strings.Contains(req.URL.Path, "/referrers/"):
			http.NotFound(w, req)
		case html:
			fmt.Fprint(w, "<!DOCTYPE html><html></html>")
		case endless || req.URL.Query().Get("page") == "":
			w.Header().Set("Link", `<`+next+`>; rel="next"`)
			fmt.Fprint(w, first)
		case req.URL.Query().Get("page") == "2":
			fmt.Fprint(w, page(2))
		}
	})
	server := httptest.NewServer(handler)
	defer server.Close()
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/v2/" {
			http.NotFound(w, req)
		}
	}))
	defer empty.Close()
	host, mirror := strings.TrimPrefix(server.URL, "http://"), strings.TrimPrefix(empty.URL, "http://")
	list := func() ([]v1.Descriptor, error) {
		s, _, _, err := openRemote(t.Context(), host+"/app:1", Options{Registry: RegistryOptions{PlainHTTP: true, Mirrors: map[string][]string{host: {mirror}}}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Referrers(t.Context(), "sha256:"+strings.Repeat("1", 64))
	}
	all, err := list()
	if err != nil || len(all) != 2 || all[1].Digest.Hex[63] != '2' {
		t.Errorf("%v, %v", all, err)
	}
	endless = true
	if all, err := list(); err == nil || !strings.Contains(err.Error(), "pages that are read") {
		t.Errorf("an endless list: %d, %v", len(all), err)
	}
	next = empty.URL + "/v2/app/referrers/x"
	if all, err := list(); err == nil || !strings.Contains(err.Error(), "another host") {
		t.Errorf("a list that leads elsewhere: %d, %v", len(all), err)
	}
	html = true
	if all, err := list(); err != nil || len(all) != 0 {
		t.Errorf("a page for people: %d, %v", len(all), err)
	}
	html, endless, next = false, false, "?page=2"
	one := strings.TrimSuffix(strings.SplitAfter(page(1), "[")[1], "]}")
	first = `{"schemaVersion":2,"manifests":[` + strings.Repeat(one+",", maxIndexEntries) + one + `]}`
	if all, err := list(); err == nil || !strings.Contains(err.Error(), "documents refer to the image") {
		t.Errorf("a flood: %d, %v", len(all), err)
	}
}
