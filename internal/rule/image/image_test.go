// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/checktest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// today is the day of the judgement in tests.
const today = "2026-11-21"

// caseConfig is config.json of a case: the image configuration as
// https://github.com/opencontainers/image-spec/blob/main/config.md has it, with
// what the artifact adds to it.
type caseConfig struct {
	Target struct{ Kind, Name, Source, OS string }
	// Layers is how many there are when the history does not say; Size of each.
	Layers  int
	Size    int64
	Created string
	Tags    []string
	// Distribution in the form "alpine 3.10 2021-05-01": its end of support.
	Distribution string
	Packages     []string
	Config       struct {
		User                   string
		Env                    []string
		Entrypoint, Cmd        []string
		ExposedPorts           map[string]any
		Volumes                map[string]any
		Labels                 map[string]string
		Healthcheck            *struct{ Test []string }
		Registries             []string
		RequiredLabels         map[string]string
		Annotations            map[string]string
		BaseName, Revision, VC string
	}
	History []struct {
		CreatedBy  string `json:"created_by"`
		EmptyLayer bool   `json:"empty_layer"`
	}
}

// inventory makes the facts of a case: config.json, "files" with lines of
//
//	[-]MODE UID:GID PATH[ -> LINK] [size=N] [layer=N]
//
// where "d" before the mode is a directory, "c" a device, "-" a file that a
// later layer hides, and every other file as the file of that path in the image.
func inventory(t testing.TB, files map[string][]byte, s *check.Settings) *sekisho.Inventory {
	t.Helper()
	inv := &sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindImage, Name: "registry.example.com/app:1.0", Source: "registry"}}
	var c caseConfig
	if text, ok := files["config.json"]; ok {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
	}
	if c.Target.Kind != "" {
		inv.Target.Kind = sekisho.TargetKind(c.Target.Kind)
	}
	if c.Target.Name != "" {
		inv.Target.Name, inv.Target.Source = c.Target.Name, c.Target.Source
	}
	if c.Target.OS != "" {
		inv.Target.Platform = &sekisho.Platform{OS: c.Target.OS}
	}
	if inv.Target.Kind == sekisho.KindImage {
		inv.Image = &sekisho.ImageConfig{
			User: c.Config.User, Env: c.Config.Env, Entrypoint: c.Config.Entrypoint, Cmd: c.Config.Cmd, Labels: c.Config.Labels, Tags: c.Tags, Annotations: c.Config.Annotations,
			ExposedPorts: slices.Sorted(maps.Keys(c.Config.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(c.Config.Volumes)),
		}
		if c.Config.BaseName+c.Config.Revision != "" {
			inv.Image.Provenance = &sekisho.Provenance{BaseName: c.Config.BaseName, Revision: c.Config.Revision, Source: c.Config.VC}
		}
		if c.Config.Healthcheck != nil {
			inv.Image.Healthcheck = c.Config.Healthcheck.Test
		}
		if at, err := time.Parse(time.RFC3339, c.Created); err == nil {
			inv.Image.Created = &at
		}
	}
	for _, h := range c.History {
		inv.Image.History = append(inv.Image.History, sekisho.History{CreatedBy: h.CreatedBy, EmptyLayer: h.EmptyLayer})
		if !h.EmptyLayer {
			inv.Layers = append(inv.Layers, sekisho.Layer{Instruction: h.CreatedBy})
		}
	}
	for len(inv.Layers) < c.Layers {
		inv.Layers = append(inv.Layers, sekisho.Layer{})
	}
	for n := range inv.Layers {
		inv.Layers[n].DiffID, inv.Layers[n].Size = "sha256:layer"+strconv.Itoa(n), c.Size
	}
	if c.Distribution != "" {
		f := append(strings.Fields(c.Distribution), "", "", "")
		inv.OS = []sekisho.OS{{ID: f[0], Version: f[1], EOL: f[2], EOLExtended: f[3], Location: sekisho.Location{Path: "etc/os-release"}}}
	}
	for _, p := range c.Packages {
		inv.Packages = append(inv.Packages, sekisho.Package{Name: p, Version: "1", Path: "var/lib/dpkg/status.d/" + p})
	}
	if s != nil {
		s.Registries, s.Labels = c.Config.Registries, c.Config.RequiredLabels
	}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		switch name {
		case "config.json":
		case "files":
			notes(t, string(files[name]), inv)
		default:
			extract(t, name, files[name], inv)
		}
	}
	return inv
}

// notes asks the noter for the lines of "files".
func notes(t testing.TB, text string, inv *sekisho.Inventory) {
	t.Helper()
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		f := sekisho.File{Type: sekisho.TypeRegular, Path: fields[2], Size: 100}
		mode, hidden := strings.CutPrefix(fields[0], "-")
		if rest, ok := strings.CutPrefix(mode, "d"); ok {
			mode, f.Type = rest, sekisho.TypeDir
		} else if rest, ok := strings.CutPrefix(mode, "c"); ok {
			mode, f.Type = rest, sekisho.TypeDevice
		}
		n, err := strconv.ParseUint(mode, 8, 32)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		f.Mode = fs.FileMode(n & 0o777)
		for bit, m := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
			if n&bit != 0 {
				f.Mode |= m
			}
		}
		uid, gid, _ := strings.Cut(fields[1], ":")
		f.UID, f.GID = int(id(uid)), int(id(gid))
		at := sekisho.Location{Path: f.Path, Hidden: hidden, Layer: "sha256:layer0"}
		for n, word := range fields {
			switch {
			case word == "->":
				f.Type, f.Link = sekisho.TypeSymlink, fields[n+1]
			case strings.HasPrefix(word, "size="):
				f.Size = id(word[5:])
			case strings.HasPrefix(word, "layer="):
				at.Index = int(id(word[6:]))
				at.Layer = "sha256:layer" + word[6:]
			}
		}
		if got := (noter{}).Note(&f); len(got) > 0 {
			inv.Files = append(inv.Files, sekisho.FileNote{Type: f.Type, Mode: uint32(f.Mode), UID: f.UID, GID: f.GID, Size: f.Size, Link: f.Link, Notes: got, Location: at})
		}
	}
}

// extract gives a file to the extractors, as the walk does. A name that begins
// with "deleted/" is one that a later layer hides.
func extract(t testing.TB, name string, content []byte, inv *sekisho.Inventory) {
	t.Helper()
	name, hidden := strings.CutPrefix(name, "deleted/")
	f := sekisho.File{Path: name, Mode: 0o644, Size: int64(len(content))}
	for _, e := range Extractors() {
		if !e.Wants(&f) {
			continue
		}
		one, err := e.Extract(t.Context(), &sekisho.Input{Path: name, File: f, Content: bytes.NewReader(content), Size: f.Size})
		if err != nil {
			t.Fatal(err)
		}
		for n := range one.Resources {
			one.Resources[n].Location = sekisho.Location{Path: name, Hidden: hidden}
		}
		for n := range one.Files {
			one.Files[n].Location.Hidden = hidden
		}
		inv.Merge(one)
	}
}

func judge(t testing.TB, files map[string][]byte, s *check.Settings) sekisho.Judgement {
	t.Helper()
	if s == nil {
		s = &check.Settings{}
	}
	s.Today = today
	j, err := Checker(s).Check(t.Context(), inventory(t, files, s))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestRules(t *testing.T) {
	checktest.Run(t, Rules(), "testdata", func(t *testing.T, files map[string][]byte, s *check.Settings) sekisho.Judgement {
		j := judge(t, files, s)
		for _, p := range j.Problems {
			t.Error(p)
		}
		return j
	})
}
