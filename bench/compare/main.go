// SPDX-License-Identifier: Apache-2.0

// Command compare times whole processes: for every image archive it runs the
// floor and sekisho in turn (so that a machine whose speed drifts is fair to
// both), and prints medians of wall time, processor time and peak memory, and
// the median of the ratios pair by pair, as a markdown table.
//
//	go run ./bench/compare -sekisho bin/sekisho -floor bin/floor [-n 5] IMAGE.tar...
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

type sample struct {
	wall, cpu time.Duration
	rss       int64 // KiB
}

func main() {
	program := flag.String("sekisho", "bin/sekisho", "the program")
	floor := flag.String("floor", "bin/floor", "the floor")
	n := flag.Int("n", 5, "counted runs of each")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "compare: name at least one image archive, bench/images.sh builds some")
		os.Exit(2)
	}
	if err := run(os.Stdout, *program, *floor, *n, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(4)
	}
}

func run(w io.Writer, program, floor string, n int, archives []string) error {
	fmt.Fprintln(w, "| image | MB | floor s | cold s | cold / floor | cold CPU s | cold peak MB | warm ms | warm peak MB |")
	fmt.Fprintln(w, "|---|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, a := range archives {
		info, err := os.Stat(a)
		if err != nil {
			return err
		}
		var floors, colds, warms []sample
		var ratios []float64
		for i := range n + 1 { // the first pair is a warm-up of the page cache
			cache, err := os.MkdirTemp("", "sekisho-bench-*")
			if err != nil {
				return err
			}
			f, err := once(floor, a)
			if err == nil {
				var c, m sample
				args := []string{"scan", "-q", "-f", "json", "--offline", "--cache-dir", cache, a}
				if c, err = once(program, args...); err == nil {
					m, err = once(program, args...)
				}
				if i > 0 {
					floors, colds, warms = append(floors, f), append(colds, c), append(warms, m)
					ratios = append(ratios, c.wall.Seconds()/f.wall.Seconds())
				}
			}
			os.RemoveAll(cache)
			if err != nil {
				return err
			}
		}
		slices.Sort(ratios)
		fmt.Fprintf(w, "| %s | %d | %.2f | %.2f | %.2f | %.2f | %d | %d | %d |\n", filepath.Base(a), info.Size()>>20,
			median(floors, wall), median(colds, wall), ratios[len(ratios)/2], median(colds, cpu),
			int(median(colds, rss)), int(1000*median(warms, wall)), int(median(warms, rss)))
	}
	return nil
}

func wall(s sample) float64 { return s.wall.Seconds() }
func cpu(s sample) float64  { return s.cpu.Seconds() }
func rss(s sample) float64  { return float64(s.rss) / 1024 }

func median(all []sample, of func(sample) float64) float64 {
	v := make([]float64, len(all))
	for i, s := range all {
		v[i] = of(s)
	}
	slices.Sort(v)
	return v[len(v)/2]
}

func once(name string, args ...string) (sample, error) {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = nil, os.Stderr
	start := time.Now()
	err := cmd.Run()
	s := sample{wall: time.Since(start)}
	if err != nil {
		return s, fmt.Errorf("run %s: %w", name, err)
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.rss = u.Maxrss
		s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return s, nil
}
