// SPDX-License-Identifier: Apache-2.0

// Command sbom times scans of an SBOM as whole processes. The SBOM has 800
// packages: 500 of Debian 12, the rest of npm, PyPI, Go and Maven, evenly taken
// from the names in the database of the program, so that every package has
// advisories. There are two: in one, versions are those that the first advisory
// calls fixed, and most packages are affected by later ones; in the other, every
// package is newer than all fixes, and only what has none is left.
//
//	go run ./bench/sbom -sekisho bin/sekisho [-n 20] [-keep FILE] [FLAG OF SCAN ...]
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/advisory/starter"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func main() {
	program := flag.String("sekisho", "bin/sekisho", "the program")
	n := flag.Int("n", 20, "counted runs")
	keep := flag.String("keep", "", "write the SBOM of old packages here and leave it")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *program, *keep, *n, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(4)
	}
}

// shares say how many packages of which world, and how their purl begins.
var shares = []struct {
	world, purl string
	n           int
}{
	{"debian/12", "pkg:deb/debian/", 500},
	{"npm", "pkg:npm/", 120},
	{"pypi", "pkg:pypi/", 80},
	{"golang", "pkg:golang/", 60},
	{"maven", "pkg:maven/", 40},
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
}

// bill makes the SBOM in CycloneDX 1.6 and counts its packages.
func bill(ctx context.Context, patched bool) ([]byte, int, error) {
	db, err := open()
	if err != nil {
		return nil, 0, err
	}
	defer db.Close()
	all := []component{{Type: "operating-system", Ref: "os", Name: "debian", Version: "12"}}
	for _, s := range shares {
		type named struct{ name, version string }
		var names []named
		err := db.Each(ctx, s.world, func(a *sekisho.Advisory) {
			if len(names) > 0 && names[len(names)-1].name == a.Package {
				return
			}
			for _, r := range a.Ranges {
				if r.Fixed != "" {
					version := strings.Clone(r.Fixed)
					if patched {
						version = map[string]string{"debian/12": "9:9999", "golang": "v9999.0.0"}[s.world]
						version = cmp.Or(version, "9999.0.0")
					}
					names = append(names, named{strings.Clone(a.Package), version})
					return
				}
			}
		})
		if err != nil {
			return nil, 0, err
		}
		if len(names) < s.n {
			return nil, 0, fmt.Errorf("%s has only %d packages", s.world, len(names))
		}
		for i := range s.n {
			p := names[i*len(names)/s.n]
			purl := s.purl + strings.NewReplacer("@", "%40", ":", "/").Replace(p.name) + "@" + strings.ReplaceAll(p.version, ":", "%3A")
			if s.world == "debian/12" {
				purl += "?arch=amd64&distro=debian-12"
			}
			all = append(all, component{"library", purl, p.name, p.version, purl})
		}
	}
	raw, err := json.MarshalIndent(map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": all}, "", " ")
	return raw, len(all) - 1, err
}

// open gives the database in the program.
func open() (*advisory.Database, error) {
	text, err := starter.Manifest()
	if err != nil {
		return nil, err
	}
	var m struct {
		Shards []struct{ World, Digest string }
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, err
	}
	return advisory.New(func(_ context.Context, world string) (io.ReaderAt, int64, func() error, error) {
		for _, s := range m.Shards {
			if shard, ok := starter.Shard(s.Digest); ok && s.World == world {
				return strings.NewReader(shard), int64(len(shard)), nil, nil
			}
		}
		return nil, 0, nil, advisory.ErrNoWorld
	}), nil
}

func run(ctx context.Context, w io.Writer, program, keep string, n int, flags []string) error {
	dir, err := os.MkdirTemp("", "sekisho-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := measure(ctx, w, program, []string{"version"}, n); err != nil {
		return err
	}
	for _, patched := range []bool{false, true} {
		raw, packages, err := bill(ctx, patched)
		if err != nil {
			return err
		}
		file, what := filepath.Join(dir, "sbom.cdx.json"), "old"
		if patched {
			what = "patched"
		} else if keep != "" {
			file = keep
		}
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			return err
		}
		found, err := findings(ctx, program, file, flags)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s SBOM: %d packages, %d kB; findings: %d\n", what, packages, len(raw)/1000, found)
		for _, format := range []string{"table", "json"} {
			if err := measure(ctx, w, program, scan(file, format, flags), n); err != nil {
				return err
			}
		}
	}
	return nil
}

func scan(file, format string, flags []string) []string {
	return append([]string{"scan", "sbom:" + file, "--offline", "-q", "-f", format}, flags...)
}

// findings makes sure that it is a judgement that is timed.
func findings(ctx context.Context, program, file string, flags []string) (int, error) {
	cmd := exec.CommandContext(ctx, program, scan(file, "json", flags)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("scan: %w", err)
	}
	var r struct{ Findings []json.RawMessage }
	if err := json.Unmarshal(out, &r); err != nil {
		return 0, err
	}
	if len(r.Findings) == 0 {
		return 0, errors.New("the scan found nothing: it did not judge")
	}
	return len(r.Findings), nil
}

func measure(ctx context.Context, w io.Writer, program string, args []string, n int) error {
	var wall, cpu []time.Duration
	var rss []int64
	for i := range n + 1 { // the first is not counted
		cmd := exec.CommandContext(ctx, program, args...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		start := time.Now()
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w: %s", args[0], err, errs.String())
		}
		took := time.Since(start)
		u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			return errors.New("this system does not say what a process used")
		}
		if i > 0 {
			wall = append(wall, took)
			cpu = append(cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
			rss = append(rss, u.Maxrss)
		}
	}
	slices.Sort(wall)
	slices.Sort(cpu)
	slices.Sort(rss)
	what := args[0]
	if len(args) > 5 {
		what += " " + args[5]
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	_, err := fmt.Fprintf(w, "%-12s wall %.1f ms (%.1f to %.1f), user+sys %.1f ms (%.1f to %.1f), peak %.0f MB; median of %d\n",
		what, ms(wall[n/2]), ms(wall[0]), ms(wall[n-1]), ms(cpu[n/2]), ms(cpu[0]), ms(cpu[n-1]), float64(rss[n/2])/1000, n)
	return err
}
