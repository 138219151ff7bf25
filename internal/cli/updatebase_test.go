// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// bases writes archives of three bases: the present one, one with a newer
// openssl, and one with an older one.
func (d *desk) bases() {
	base := func(name, version string) {
		d.archive(name+".tar", "base.example.com/"+name+":1", layerStep{"/bin/sh -c #(nop) ADD file:aa in / ", map[string]string{
			"etc/os-release": alpine, "lib/apk/db/installed": fmt.Sprintf(musl+ssl, "1.2.5-r0", version),
		}})
	}
	base("old", "3.3.2-r0")
	base("new", "3.3.6-r0")
	base("worse", "3.3.0-r0")
}

// updateBase runs the command on a Dockerfile with its archives, for JSON.
func (d *desk) updateBase(args ...string) (*sekisho.Proposal, int, string) {
	d.t.Helper()
	status, out, errs := d.run(append([]string{"update-base", "--offline", "--no-cache", "--skip-db-update", "-f", "json"}, args...)...)
	var p sekisho.Proposal
	if out == "" {
		return nil, status, errs
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		d.t.Fatalf("%v: %v\n%s", args, err, errs)
	}
	return &p, status, errs
}

const updatedDockerfile = "# the base\nFROM --platform=linux/amd64 base.example.com/old:1 AS run\nRUN true\n"

func TestUpdateBase(t *testing.T) {
	d := newDesk(t)
	d.bases()
	file := d.write("Dockerfile", updatedDockerfile)
	text := func() string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	archives := []string{"--from-archive", "old=old.tar", "--from-archive", "base.example.com/new:1=new.tar"}

	p, status, errs := d.updateBase(append([]string{"--to", "base.example.com/new:1"}, archives...)...)
	if status != 0 || p == nil {
		t.Fatalf("status %d: %s", status, errs)
	}
	if b := p.Base; b.Why.Code != sekisho.MoveBetter || b.To != "base.example.com/new:1" || b.Line != 2 || b.Packages != 2 || len(b.Moves) != 1 || b.Moves[0].Removes == 0 || b.Moves[0].Adds != 0 {
		t.Errorf("%+v", b)
	}
	if c := p.Comparison; len(c.Fixed) != p.Base.Moves[0].Removes || len(c.Added) != 0 || len(c.Packages.Upgraded) != 1 {
		t.Errorf("%d fixed, %d added, %v", len(c.Fixed), len(c.Added), c.Packages.Upgraded)
	}
	if len(p.Edits) != 1 || !strings.Contains(p.Edits[0].Diff, "-FROM --platform=linux/amd64 base.example.com/old:1 AS run\n+FROM --platform=linux/amd64 base.example.com/new:1 AS run\n") || p.Written {
		t.Errorf("%+v", p.Edits)
	}
	if text() != updatedDockerfile {
		t.Error("changed without --write")
	}

	// What is worse is not chosen of candidates, and is said when it was asked for.
	worse := []string{"--from-archive", "old=old.tar", "--from-archive", "base.example.com/worse:1=worse.tar"}
	p, status, _ = d.updateBase(append([]string{"--write", "--candidate", "base.example.com/worse:1"}, worse...)...)
	if status != 0 || p.Base.Why.Code != sekisho.MoveWorse || p.Base.To != "" || len(p.Edits) != 0 || p.Written || text() != updatedDockerfile {
		t.Errorf("status %d, %+v", status, p.Base)
	}
	if len(p.Comparison.Added) == 0 || len(p.Comparison.Fixed) != 0 {
		t.Errorf("%d added, %d fixed", len(p.Comparison.Added), len(p.Comparison.Fixed))
	}
	// The gate denies it, and nothing is written.
	p, status, _ = d.updateBase(append([]string{"--write", "--fail-on", "unknown", "--to", "base.example.com/worse:1"}, worse...)...)
	if status != ExitDenied || p.Written || text() != updatedDockerfile || p.Base.To == "" {
		t.Errorf("status %d, %+v", status, p.Base)
	}

	// Of several, the best; one that does not open is told.
	all := append(archives, "--from-archive", "base.example.com/worse:1=worse.tar", "--candidate", "base.example.com/worse:1", "--candidate", "base.example.com/new:1", "--candidate", "base.example.com/none:1")
	p, status, errs = d.updateBase(append([]string{"--write"}, all...)...)
	if status != ExitIncomplete || p == nil || p.Base.To != "base.example.com/new:1" || p.Base.Why.Code != sekisho.MoveBest || !p.Base.Moves[0].Best || p.Base.Moves[2].Error == "" {
		t.Errorf("status %d, %+v\n%s", status, p.Base, errs)
	}
	if want := strings.Replace(updatedDockerfile, "old:1", "new:1", 1); text() != want || !p.Written {
		t.Errorf("%q", text())
	}
	// The second time there is nothing to change.
	p, status, _ = d.updateBase("--write", "--to", "base.example.com/new:1", "--from-archive", "old=new.tar", "--from-archive", "base.example.com/new:1=new.tar")
	if status != 0 || len(p.Edits) != 0 || p.Written || p.Base.Why.Code != sekisho.MoveEqual {
		t.Errorf("status %d, %+v", status, p.Base)
	}
}

// Without another image, what the tag names now: a pinned digest moves with it, and
// a tag alone stays as it is.
func TestUpdateBaseSameTag(t *testing.T) {
	d := newDesk(t)
	id := func(i *tagged) string {
		sum := sha256.Sum256(i.manifest)
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	old, fresh := newTagged(t, system("1.2.5-r0")), newTagged(t, system("1.2.5-r3"))
	now, told := fresh, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told += r.Header.Get("Authorization")
		i := now
		for _, other := range []*tagged{old, fresh} {
			last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
			if last == id(other) || other.blobs[last] != nil && i.blobs[last] == nil {
				i = other
			}
		}
		i.ServeHTTP(w, r)
	}))
	defer server.Close()
	name := strings.TrimPrefix(server.URL, "http://") + "/alpine:1"
	run := func(args ...string) (*sekisho.Proposal, int, string) {
		t.Helper()
		status, out, errs := d.run(append([]string{"update-base", "--no-cache", "--skip-db-update", "-f", "json"}, args...)...)
		var p sekisho.Proposal
		if out != "" {
			if err := json.Unmarshal([]byte(out), &p); err != nil {
				t.Fatal(err)
			}
		}
		return &p, status, errs
	}
	pinned := "FROM " + name + "@" + id(old) + " AS x\nRUN true\n"
	file := d.write("Dockerfile", pinned)
	p, status, errs := run("--write")
	b, err := os.ReadFile(file)
	if want := strings.Replace(pinned, id(old), id(fresh), 1); err != nil || status != 0 || string(b) != want || p.Base.Why.Code != sekisho.MoveBetter || len(p.Comparison.Fixed) == 0 {
		t.Fatalf("status %d, %q, %+v: %s", status, b, p.Base, errs)
	}
	p, status, errs = run("--write")
	if status != 0 || p.Base.Why.Code != sekisho.MoveCurrent || len(p.Edits) != 0 || p.Comparison != nil {
		t.Errorf("status %d, %+v: %s", status, p.Base, errs)
	}
	// What is worse is not taken, tag or not.
	now = old
	p, status, _ = run("--write")
	if status != 0 || p.Base.To != "" || len(p.Edits) != 0 || p.Base.Why.Code != sekisho.MoveWorse {
		t.Errorf("status %d, %+v", status, p.Base)
	}
	now = fresh
	d.archive("present.tar", "x:1", system("1.2.5-r0"))
	d.write("Dockerfile", "FROM "+name+"\n")
	p, status, errs = run("--from-archive", "old=present.tar")
	if status != 0 || p.Base.Why.Code != sekisho.MoveRebuild || len(p.Edits) != 0 || p.Base.To != "" || len(p.Comparison.Fixed) == 0 {
		t.Errorf("status %d, %+v: %s", status, p.Base, errs)
	}
	p, status, errs = run("--from-archive", "old=present.tar", "--pin", "--to", name)
	if status != 0 || p.Base.To != name+"@"+id(fresh) || len(p.Edits) != 1 {
		t.Errorf("status %d, %+v: %s", status, p.Base, errs)
	}
	// A hostile Dockerfile does not get the credentials for the image of the command line.
	d.archive("other.tar", "x:1", system("1.2.5-r3"))
	if _, status, errs = run("--to", "registry.example.com/x:1", "--from-archive", "registry.example.com/x:1=other.tar", "--registry-token", "s3cret"); status != 0 || told != "" {
		t.Errorf("status %d, %q: %s", status, told, errs)
	}
}

func TestUpdateBaseMistakes(t *testing.T) {
	d := newDesk(t)
	d.bases()
	d.write("Dockerfile", updatedDockerfile)
	d.write("args", "ARG V=1\nFROM base.example.com/old:$V AS one\nFROM base.example.com/old:$V\n")
	d.write("digest", "FROM base.example.com/old:1@sha256:"+strings.Repeat("a", 64)+"\n")
	d.write("scratch", "FROM scratch\nCOPY a /\n")
	d.write("none", "hello\n")
	to := []string{"--to", "base.example.com/new:1", "--from-archive", "old=old.tar", "--from-archive", "base.example.com/new:1=new.tar"}
	if err := os.Mkdir(filepath.Join(d.dir, "linked"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../Dockerfile", filepath.Join(d.dir, "linked", "Dockerfile")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want   string
		status int
		args   []string
	}{
		{"one too many", ExitUsage, []string{"a", "b"}},
		{"--to is the choice", ExitUsage, []string{"--to", "a", "--candidate", "b"}},
		{"has no stage", ExitUsage, append([]string{"--stage", "build"}, to...)},
		{"write IMAGE=FILE", ExitUsage, []string{"--from-archive", "x"}},
		{"no image of this name is compared", ExitUsage, append([]string{"--from-archive", "x=old.tar"}, to...)},
		{"only its registry can say", ExitUsage, nil},
		{"scratch", ExitFailed, []string{"scratch"}},
		{"it has no FROM", ExitFailed, []string{"none"}},
		{"the same ARG", ExitFailed, []string{"args", "--to", "base.example.com/old:2", "--from-archive", "old=old.tar", "--from-archive", "base.example.com/old:2=new.tar"}},
		{"pins a digest", ExitUsage, append([]string{"digest"}, to...)},
		{"leads out of", ExitFailed, append([]string{"linked"}, to...)},
		{"cannot be opened", ExitFailed, []string{"--to", "base.example.com/new:1"}},
		{"no Dockerfile in home", ExitUsage, append([]string{"home"}, to...)},
	} {
		if err := os.MkdirAll(filepath.Join(d.dir, "home"), 0o700); err != nil {
			t.Fatal(err)
		}
		p, status, errs := d.updateBase(c.args...)
		if status != c.status || !strings.Contains(errs, c.want) || p != nil {
			t.Errorf("%v: status %d: %s", c.args, status, errs)
		}
	}
}
