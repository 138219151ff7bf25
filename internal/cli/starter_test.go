// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Every source of the database in the program is a feed that may be there, under
// the licence that the feed states now.
func TestStarterHoldsStarterFeedsOnly(t *testing.T) {
	db, err := openStarter()
	if err != nil {
		t.Fatal(err)
	}
	defer db.close()
	feeds := map[string]sekisho.Feed{}
	for _, f := range ecosystem.Feeds() {
		feeds[f.Name] = f
	}
	if len(db.manifest.Sources) < 9 {
		t.Errorf("only %d sources", len(db.manifest.Sources))
	}
	for _, s := range db.manifest.Sources {
		f, ok := feeds[s.Name]
		if !ok || !f.Starter {
			t.Errorf("%s is in the program and its feed must not be there", s.Name)
		}
		if f.License != s.License || f.Publisher != s.Publisher {
			t.Errorf("%s is %q of %q, the feed says %q of %q: run make starter", s.Name, s.License, s.Publisher, f.License, f.Publisher)
		}
	}
	for name, f := range feeds {
		for _, word := range []string{"NC", "ND", "SA", "Copyright", "mixed"} {
			if f.Starter && strings.Contains(f.License, word) {
				t.Errorf("%s may be in the program under %s", name, f.License)
			}
		}
	}
}

// A report that the database in the program judged names its date and sources,
// and standard error says how old it is and how to get a newer one.
func TestStarterIsNamedInReports(t *testing.T) {
	for _, format := range []string{"table", "json", "markdown", "html"} {
		var out, errs bytes.Buffer
		app := &App{
			Stdout: &out, Stderr: &errs, Version: "test", Env: []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")},
			Now: func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) },
		}
		if status := app.Run(t.Context(), []string{"scan", "purl:pkg:cargo/time@0.2.0", "--cache-dir", filepath.Join(t.TempDir(), "c"), "--offline", "-f", format}); status != 0 {
			t.Fatalf("%s: status %d: %s", format, status, errs.String())
		}
		for _, word := range []string{"starter", "rustsec", "ghsa", "2025-02-19"} {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%s does not say %q", format, word)
			}
		}
		// ghsa, the older of the two sources, is of 2025-02-19.
		if !strings.Contains(errs.String(), "640 days old") || !strings.Contains(errs.String(), "sekisho db update") {
			t.Errorf("%s: the warning is %q", format, errs.String())
		}
	}
}
