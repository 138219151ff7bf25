// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/engine/enginetest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// imageOf writes an image archive of layers of files.
func imageOf(t *testing.T, layers ...map[string]string) string {
	t.Helper()
	files := map[string]string{}
	var ids, names []string
	for i, l := range layers {
		b := tarOf(l)
		sum := sha256.Sum256(b)
		ids = append(ids, "sha256:"+hex.EncodeToString(sum[:]))
		names = append(names, fmt.Sprintf("l%d.tar", i))
		files[names[i]] = string(b)
	}
	config, err := json.Marshal(map[string]any{"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": ids}})
	if err != nil {
		t.Fatal(err)
	}
	files["config.json"] = string(config)
	files["manifest.json"] = fmt.Sprintf(`[{"Config":"config.json","RepoTags":["example.com/app:1"],"Layers":["%s"]}]`, strings.Join(names, `","`))
	name := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(name, tarOf(files), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// command runs a command line with a PATH, empty for none.
func command(t *testing.T, path string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, complaint bytes.Buffer
	dir := t.TempDir()
	a := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaint, Dir: dir, Version: "test", Now: time.Now, Env: []string{"HOME=" + dir, "PATH=" + path}}
	status = a.Run(t.Context(), args)
	return out.String(), complaint.String(), status
}

// examined runs a scan for JSON and gives its report.
func examined(t *testing.T, args ...string) (r sekisho.Result, complaint string, status int) {
	t.Helper()
	args = append([]string{"scan", "--scanners", "secret", "-f", "json", "--quiet", "--cache-dir", t.TempDir()}, args...)
	out, complaint, status := command(t, os.Getenv("PATH"), args...)
	if out != "" {
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return r, complaint, status
}

func hostile(r *sekisho.Result) (out []string) {
	for _, f := range r.Findings {
		if f.Kind == sekisho.Malware {
			out = append(out, fmt.Sprintf("%s %s %s %d %v", f.Location.Path, f.Aliases[0], f.Severity, f.Location.Index, f.Location.Hidden))
		}
	}
	slices.Sort(out)
	return out
}

func engineCoverage(r *sekisho.Result, name string) sekisho.ScannerCoverage {
	i := slices.IndexFunc(r.Coverage.Scanners, func(s sekisho.ScannerCoverage) bool { return s.Name == name })
	if i < 0 {
		return sekisho.ScannerCoverage{}
	}
	return r.Coverage.Scanners[i]
}

func TestClamAVAndYaraOverLayers(t *testing.T) {
	d := enginetest.StartClamd(t, "25M")
	enginetest.Need(t, "yara")
	rules := filepath.Join(t.TempDir(), "own.yar")
	if err := os.WriteFile(rules, []byte(`rule own { meta: description = "a mark" severity = "medium" strings: $m = "YARA-MARK" condition: $m }`), 0o600); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("nothing to see here\n", 200_000)
	image := imageOf(t,
		map[string]string{"etc/os-release": "ID=alpine\nVERSION_ID=3.20.3\n", "tmp/dropped": string(enginetest.Eicar()), "opt/mark": "a YARA-MARK b"},
		map[string]string{"tmp/.wh.dropped": "", "srv/big.txt": big + enginetest.Marked(), "srv/clean": "text"},
	)
	r, complaint, status := examined(t, image, "--clamd", d.Unix, "--yara", rules, "--fail-on", "critical")
	want := []string{"opt/mark own medium 0 false", "srv/big.txt Own.Marked.UNOFFICIAL critical 1 false", "tmp/dropped Eicar.Test.UNOFFICIAL critical 0 true"}
	if diff := cmp.Diff(want, hostile(&r)); diff != "" {
		t.Error(diff)
	}
	if status != ExitDenied || !r.Coverage.Complete || len(r.Problems) != 0 {
		t.Errorf("status %d %s %v", status, complaint, r.Problems)
	}
	if c := engineCoverage(&r, "clamav"); !c.Ran || !c.Asked || !strings.HasPrefix(c.Version, "ClamAV ") {
		t.Errorf("%+v", c)
	}
	if c := engineCoverage(&r, "yara"); !c.Ran || !strings.HasPrefix(c.Version, "YARA 4") {
		t.Errorf("%+v", c)
	}
	for _, f := range r.Findings {
		if f.Kind == sekisho.Malware && (len(f.Evidence) != 1 || f.Evidence[0].Source == "" || !strings.Contains(f.Evidence[0].Text, "sha256:")) {
			t.Errorf("%+v", f.Evidence)
		}
	}

	out, _, _ := command(t, os.Getenv("PATH"), "scan", "--scanners", "secret", "--yara", rules, "--clamd", d.Unix, imageOf(t, map[string]string{"x": enginetest.Marked() + " YARA-MARK"}))
	if !strings.Contains(out, "medium: yara-match own\n") {
		t.Errorf("the table does not name the second rule: %s", out)
	}

	// A directory, and the table in Japanese.
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mail.com"), enginetest.Eicar(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, _ = command(t, "", "scan", "--scanners", "secret", "--lang", "ja", "--clamd", d.TCP, "dir:"+dir)
	if !strings.Contains(out, "ClamAV が mail.com を Eicar.Test.UNOFFICIAL として検出") || !strings.Contains(out, "clamav (ClamAV ") {
		t.Error(out)
	}

	// Facts of own signatures have no version: they are not cached; those of
	// rules are, until the rules change.
	cache := t.TempDir()
	cached := func(args ...string) int {
		r, _, _ := examined(t, append([]string{image, "--cache-dir", cache}, args...)...)
		return r.Coverage.LayersCached
	}
	if n := cached("--clamd", d.Unix) + cached("--clamd", d.Unix); n != 0 {
		t.Errorf("%d layers came from the cache", n)
	}
	cached("--yara", rules)
	if n := cached("--yara", rules); n != 2 {
		t.Errorf("%d layers came from the cache", n)
	}
	if err := os.WriteFile(rules, []byte(`rule other { strings: $m = "YARA-MARK" condition: $m }`), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := cached("--yara", rules); n != 0 {
		t.Error("other rules had the facts of the first")
	}
}

func TestStreamMaxLengthIsNamed(t *testing.T) {
	d := enginetest.StartClamd(t, "1M")
	r, _, status := examined(t, imageOf(t, map[string]string{"big": strings.Repeat("x", 3<<20), "eicar": string(enginetest.Eicar())}), "--clamd", d.Unix, "--fail-on", "low")
	if len(hostile(&r)) != 1 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "StreamMaxLength and were not examined by ClamAV: big;") || status != ExitDenied {
		t.Errorf("%v %v %d", hostile(&r), r.Problems, status)
	}
}

func TestEngineThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, complaint, status := examined(t, "dir:"+dir, "--clamd", "unix:"+dir+"/nowhere", "--fail-on", "critical")
	if status != ExitIncomplete || !strings.Contains(complaint, "clamav") || r.Coverage.Complete {
		t.Errorf("status %d: %s", status, complaint)
	}
	if c := engineCoverage(&r, "clamav"); c.Ran || !c.Asked || c.Code != sekisho.ScannerNoAnswer {
		t.Errorf("%+v", c)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "there is no such socket") {
		t.Errorf("%v", r.Problems)
	}
	if _, _, status := examined(t, "dir:"+dir, "--clamd", "unix:"+dir+"/nowhere", "--fail-on", "critical", "--allow-incomplete"); status != ExitAllowed {
		t.Errorf("status %d", status)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--clamd", "nonsense"}, "neither unix:/path/of/socket nor tcp:HOST:PORT"},
		{[]string{"--clamd-timeout", "0s"}, "--clamd-timeout must be more than zero"},
		{[]string{"--yara-max-bytes", "0"}, "--yara-max-bytes"},
		{[]string{"--yara", "nowhere.yar"}, "nowhere.yar"},
	} {
		if _, complaint, status := examined(t, append([]string{"dir:" + dir}, c.args...)...); status != ExitUsage || !strings.Contains(complaint, c.want) {
			t.Errorf("%v: %d %s", c.args, status, complaint)
		}
	}
	// A bill of materials has no files: nothing is missing.
	sbom := filepath.Join(dir, "sbom.json")
	if err := os.WriteFile(sbom, []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, complaint, status := examined(t, "sbom:"+sbom, "--clamd", "unix:/nowhere", "--fail-on", "critical"); status != ExitAllowed || engineCoverage(&r, "clamav").Code != sekisho.ScannerNoContent {
		t.Errorf("%d %s", status, complaint)
	}
}

func TestYaraThatIsNotInstalled(t *testing.T) {
	dir := t.TempDir()
	rules := filepath.Join(dir, "r.yar")
	if err := os.WriteFile(rules, []byte("rule a { condition: true }"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, status := command(t, "", "scan", "--scanners", "secret", "--yara", rules, "--fail-on", "low", "dir:"+dir)
	if status != ExitIncomplete || !strings.Contains(strings.Join(strings.Fields(out), " "), "the program yara is not installed; install it (Debian: yara)") {
		t.Errorf("%d %s", status, out)
	}
}

func TestYaraWithoutRules(t *testing.T) {
	enginetest.Need(t, "yara")
	dir := t.TempDir()
	rules := filepath.Join(t.TempDir(), "r.yar")
	if err := os.WriteFile(rules, []byte("// nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, complaint, status := examined(t, "dir:"+dir, "--yara", rules, "--fail-on", "low")
	if c := engineCoverage(&r, "yara"); status != ExitIncomplete || c.Ran || !c.Asked || c.Code != sekisho.ScannerNoRules || r.Coverage.Complete {
		t.Errorf("%d %s %+v", status, complaint, c)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, rules+" holds no rule") {
		t.Errorf("%v", r.Problems)
	}
}

func TestClamdKilledDuringTheScan(t *testing.T) {
	d := enginetest.StartClamd(t, "25M")
	// Between the program and clamd: after some bytes of files, clamd dies.
	name := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	kill := make(chan struct{}, 1000)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("unix", strings.TrimPrefix(d.Unix, "unix:"))
			if err != nil {
				c.Close()
				continue
			}
			go relay(c, up, kill)
			go relay(up, c, nil)
		}
	}()
	go func() {
		for n := 0; ; n++ {
			select {
			case <-kill:
			case <-time.After(time.Minute):
				return
			}
			if n == 20 {
				d.Kill()
				return
			}
		}
	}()
	files := map[string]string{}
	for i := range 300 {
		files[fmt.Sprintf("f%03d", i)] = strings.Repeat("x", 10_000)
	}
	cache := t.TempDir()
	r, complaint, status := examined(t, imageOf(t, files), "--clamd", "unix:"+name, "--fail-on", "critical", "--cache-dir", cache)
	if status != ExitIncomplete || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "files were not examined by ClamAV (f") {
		t.Errorf("%d %s %v", status, complaint, r.Problems)
	}
}

func relay(from, to net.Conn, mark chan<- struct{}) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 8<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if mark != nil {
				select {
				case mark <- struct{}{}:
				default:
				}
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
