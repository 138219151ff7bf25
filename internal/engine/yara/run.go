// SPDX-License-Identifier: Apache-2.0

package yara

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// batchTimes is how many times as long as one file a batch may take.
const batchTimes = 6

// maxSlow is how many files of a layer may each take their whole time: the rest
// of a batch that holds more is not examined.
const maxSlow = 20

// maxFacts is how many matches are told of a layer: with more, the layer or the
// rules are made of them.
const maxFacts = 5_000

// examine has the program look at a batch, and removes it.
func (l *layerSniff) examine(ctx context.Context, files []handed) {
	select {
	case l.e.slots <- struct{}{}:
		defer func() { <-l.e.slots }()
	case <-ctx.Done():
		return
	}
	// The order of the walk is a matter of chance.
	slices.SortFunc(files, func(a, b handed) int { return strings.Compare(a.path, b.path) })
	for _, rules := range l.e.rules {
		l.batchOf(ctx, rules, files)
	}
	for _, f := range files {
		os.Remove(filepath.Join(l.dir, f.name))
	}
}

// batchOf runs one file of rules. The program ends a run at the first file that
// takes too long, and says nothing of those behind it: they are examined in a
// run of their own. Where it breaks, halves tell which file breaks it.
func (l *layerSniff) batchOf(ctx context.Context, rules string, files []handed) {
	for len(files) > 0 && ctx.Err() == nil {
		timeout := l.e.opt.Timeout
		if len(files) > 1 {
			timeout *= batchTimes
		}
		found, stop, err := l.once(ctx, rules, files, timeout)
		switch {
		case err != nil && ctx.Err() != nil:
			return
		case err != nil && len(files) > 1:
			half := len(files) / 2
			l.batchOf(ctx, rules, files[:half])
			files = files[half:]
			continue
		case err != nil:
			l.mu.Lock()
			l.fail(files[0].path, err)
			l.mu.Unlock()
			return
		}
		l.mu.Lock()
		for i := range found {
			f := files[slices.IndexFunc(files, func(f handed) bool { return f.name == found[i].file })]
			if len(l.facts) == maxFacts {
				l.untold++
				continue
			}
			l.facts = append(l.facts, found[i].fact(l.e.EngineVersion(), &f))
		}
		slow := l.slow.n
		if stop >= 0 && len(files) == 1 {
			l.slow.add(files[0].path)
		}
		if slow >= maxSlow && stop >= 0 {
			for _, f := range files[stop:] {
				l.fail(f.path, message.Errorf("more than %d files of the layer took longer than %s each", maxSlow, l.e.opt.Timeout))
			}
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		if stop < 0 || len(files) == 1 {
			return
		}
		l.batchOf(ctx, rules, files[stop:stop+1])
		files = files[stop+1:]
	}
}

// once runs the program once. Stop is the first file that was not examined to
// its end, -1 for none; what was found is of the files before it.
func (l *layerSniff) once(ctx context.Context, rules string, files []handed, timeout time.Duration) (found []match, stop int, err error) {
	seconds := max(1, int(timeout.Round(time.Second)/time.Second))
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+20*time.Second)
	defer cancel()
	var list bytes.Buffer
	index := make(map[string]int, len(files))
	for i, f := range files {
		index[f.name] = i
		list.WriteString(f.name + "\n")
	}
	name := filepath.Join(l.dir, "list-"+files[0].name)
	if err := os.WriteFile(name, list.Bytes(), 0o600); err != nil {
		return nil, -1, message.Errorf("write the list for yara: %w", reason(err))
	}
	defer os.Remove(name)
	rules, err = filepath.Abs(rules)
	if err != nil {
		return nil, -1, err
	}
	var complaint bytes.Buffer
	c := command(ctx, l.e.opt.Program, "-C", "-w", "-e", "-g", "-m", "-L", "-N", "-p", "1", "-a", strconv.Itoa(seconds), "--scan-list", rules, filepath.Base(name))
	c.Dir = l.dir
	c.Stderr = &limited{w: &complaint, n: 1 << 20}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, -1, err
	}
	if err := c.Start(); err != nil {
		return nil, -1, message.Errorf("start yara: %w", reason(err))
	}
	found, err = parse(out, func(s string) bool { _, ok := index[s]; return ok })
	if err != nil {
		cancel()
	}
	if werr := c.Wait(); err == nil && werr != nil {
		err = message.Errorf("yara ended with %s", firstError(complaint.String(), werr))
	}
	if err != nil {
		return nil, -1, err
	}
	stop = -1
	for line := range strings.Lines(complaint.String()) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "error scanning ")
		if !ok {
			continue
		}
		file, why, _ := strings.Cut(rest, ": ")
		i, ok := index[file]
		if !ok || !strings.Contains(why, "timed out") && !strings.Contains(why, "timeout") {
			return nil, -1, message.Errorf("yara says: %s", clip(rest))
		}
		if stop < 0 || i < stop {
			stop = i
		}
	}
	if stop >= 0 {
		found = slices.DeleteFunc(found, func(m match) bool { return index[m.file] >= stop })
	}
	return found, stop, nil
}

// Note is what users of the engine should know of its rules: variables that
// other programs define were empty.
func (e *Engine) Note() []sekisho.Problem {
	if !e.external {
		return nil
	}
	return []sekisho.Problem{
		sekisho.Problem{Stage: sekisho.StageExtract, Minor: true}.Saying(message.Say("rules of YARA ask for variables that other programs define (%s): they were empty, and rules that need them did not match", strings.Join(externals, ", "))),
	}
}
