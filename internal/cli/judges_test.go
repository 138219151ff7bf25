// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whoever changes the code and what judges it in one go is named, to people and
// in the comment on the pull request; a change of the code alone says nothing.
func TestChangeOfWhatJudges(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inGit(t, dir, "init", "-q")
	write("Dockerfile", "FROM scratch\nUSER 1000\n")
	write("accepted/known.yaml", "exceptions: []\n")
	inGit(t, dir, "add", ".")
	inGit(t, dir, "commit", "-qm", "first")
	scan := func(args ...string) (told, comment string) {
		t.Helper()
		var out, errs bytes.Buffer
		a := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Dir: dir, Now: time.Now, Env: []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}}
		args = append([]string{"scan", ".", "-f", "markdown", "--no-cache", "--offline", "--scanners", "misconfig"}, args...)
		if status := a.Run(t.Context(), args); status != ExitAllowed {
			t.Fatal(status, errs.String())
		}
		return errs.String(), out.String()
	}
	const said, ja = "this change also edits what judges it: ", "この変更は判定に使うファイルも変更しています: "
	write("Dockerfile", "FROM scratch\nUSER 1001\n")
	if told, comment := scan("--since", "HEAD"); strings.Contains(told+comment, said) {
		t.Errorf("a change of the code alone: %s", told)
	}
	write(".sekisho/exceptions.yaml", "exceptions: []\n")
	write("accepted/known.yaml", "exceptions: []\n# more\n")
	write("sub/.sekisho/exceptions.yaml", "exceptions: []\n") // has no say here
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"since":    {[]string{"--since", "HEAD"}, said + ".sekisho/exceptions.yaml\n"},
		"baseline": {[]string{"--baseline", "HEAD"}, said + ".sekisho/exceptions.yaml\n"},
		"named":    {[]string{"--since", "HEAD", "--exceptions", "accepted/known.yaml"}, said + ".sekisho/exceptions.yaml, accepted/known.yaml\n"},
		"ignored":  {[]string{"--since", "HEAD", "--no-ignore-files"}, ""},
		"japanese": {[]string{"--since", "HEAD", "--lang", "ja"}, ja + ".sekisho/exceptions.yaml\n"},
	} {
		told, comment := scan(tt.args...)
		if tt.want == "" {
			if strings.Contains(told+comment, said) {
				t.Errorf("%s: %s", name, told)
			}
			continue
		}
		if !strings.Contains(told, tt.want) {
			t.Errorf("%s: %s", name, told)
		}
		plain := strings.NewReplacer(`\`, "", "`", "").Replace(comment)
		if !strings.Contains(plain, strings.TrimSpace(tt.want)) {
			t.Errorf("%s: the comment does not say it: %s", name, comment)
		}
	}
}
