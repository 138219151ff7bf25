// SPDX-License-Identifier: Apache-2.0

// Package image judges what an image is: its configuration, its history, and
// what its file system holds. Its extractors note entries of the file system and
// read accounts and credentials, without a password or a key ever becoming a
// fact; its rules judge the notes. It pulls nothing, runs nothing, and judges no
// package. See https://github.com/opencontainers/image-spec/blob/main/config.md.
package image

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// rules is the set that the files of this room add to.
var rules = check.NewSet[*Image](sekisho.ResourceImage)

// Rules is the catalogue of the kind, in the order of ids.
func Rules() []sekisho.Rule { return rules.Rules() }

// Extractors returns those that state facts about the file system of an image.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{noter{}, accounts{}, credentials{}}
}

// Image is what the rules judge: an image, or a root file system, which has no
// configuration.
type Image struct {
	Target   sekisho.Target
	Settings *check.Settings
	// Config is empty for a root file system: IsImage is false then.
	Config  *sekisho.ImageConfig
	IsImage bool
	Layers  []sekisho.Layer
	OS      *sekisho.OS
	// Steps are those of the history, in order.
	Steps []Step
	// Files are the notes that a container sees; Deleted those that it does not,
	// and that are in the image all the same.
	Files, Deleted []sekisho.FileNote
	Packages       []sekisho.Package
	Accounts       Accounts
	// told are the files in which a secret was recognised by its content: that is
	// a finding of its own, and one is enough.
	told map[place]bool
	// untold is the configuration without the secrets that were recognised in it
	// by their form, which are findings of their own.
	untold *sekisho.ImageConfig
	// instructions are those of the layers, without secrets.
	instructions []string
}

// place is a file of a layer.
type place struct {
	layer int
	path  string
}

func placeOf(l *sekisho.Location) place { return place{l.Index, l.Path} }

// Checker judges the image or root file system of an inventory.
func Checker(s *check.Settings) sekisho.Checker { return checker{s} }

type checker struct{ settings *check.Settings }

func (checker) Name() string { return "image" }

func (c checker) Check(ctx context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	j := check.NewJudge(c.settings)
	if inv.Target.Kind != sekisho.KindImage && inv.Target.Kind != sekisho.KindRootFS || inv.Target.Source == "file" {
		return j.Judgement(), nil
	}
	if err := ctx.Err(); err != nil {
		return j.Judgement(), err
	}
	i := newImage(inv, c.settings)
	for _, s := range i.Steps {
		if s.unread != nil {
			j.Problem(sekisho.Problem{Layer: i.layerName(s.Layer), Minor: true}.Saying(message.Say("a step of the image's history was not judged: %v", s.unread)))
		}
	}
	at := &check.Place{Silences: labelled(i.Config.Labels)}
	rules.Run(j, at, i)
	j.RunUser(at, sekisho.ResourceImage, subject{i})
	return j.Judgement(), nil
}

func newImage(inv *sekisho.Inventory, s *check.Settings) *Image {
	i := &Image{Target: inv.Target, Settings: s, Config: inv.Image, Layers: inv.Layers, Packages: inv.Packages, IsImage: inv.Target.Kind == sekisho.KindImage && inv.Image != nil}
	if i.Config == nil {
		i.Config = &sekisho.ImageConfig{}
	}
	if i.Settings == nil {
		i.Settings = &check.Settings{}
	}
	for n := range inv.OS {
		if !inv.OS[n].Location.Hidden {
			i.OS = &inv.OS[n]
			break
		}
	}
	for _, f := range inv.Files {
		if f.Location.Hidden {
			i.Deleted = append(i.Deleted, f)
		} else {
			i.Files = append(i.Files, f)
		}
	}
	i.told = make(map[place]bool, len(inv.Secrets))
	for n := range inv.Secrets {
		if inv.Secrets[n].Resource == "" {
			i.told[placeOf(&inv.Secrets[n].Location)] = true
		}
	}
	i.untold = untold(i.Config, inv.Secrets)
	i.Accounts = readAccounts(inv.Resources)
	i.Steps = steps(i.Config.History, len(i.Layers))
	i.instructions = make([]string, len(i.Layers))
	for n := range i.Layers {
		i.instructions[n] = check.Excerpt(maskText(i.Layers[n].Instruction))
	}
	return i
}

// labelled reads the label "sekisho.dev/ignore" of the image, a list of rules
// that it says need not hold for it: what they find is kept, as suppressed.
func labelled(labels map[string]string) []check.Silence {
	ids := strings.FieldsFunc(labels["sekisho.dev/ignore"], func(r rune) bool { return r == ',' || r == ' ' })
	if len(ids) == 0 {
		return nil
	}
	return []check.Silence{{Whole: true, IDs: ids, By: "sekisho", Reason: labels["sekisho.dev/ignore-reason"]}}
}

func (i *Image) layerName(n int) string {
	if n < 0 || n >= len(i.Layers) {
		return ""
	}
	return i.Layers[n].DiffID
}

// untold takes out of a configuration what was recognised in it as secrets.
func untold(c *sekisho.ImageConfig, secrets []sekisho.SecretFact) *sekisho.ImageConfig {
	var pairs []string
	var texts map[string]string
	for n := range secrets {
		f := &secrets[n]
		if f.Resource == "" {
			continue
		}
		if texts == nil {
			texts = map[string]string{}
			for _, t := range c.Texts() {
				texts[t.Name] = t.Text
			}
		}
		if v := f.Location.Within(texts[f.Resource]); v != "" {
			pairs = append(pairs, v, mask)
		}
	}
	if len(pairs) == 0 {
		return c
	}
	r := strings.NewReplacer(pairs...)
	out := *c
	out.Env, out.Labels, out.History = slices.Clone(c.Env), maps.Clone(c.Labels), slices.Clone(c.History)
	for n, e := range out.Env {
		name, value, _ := strings.Cut(e, "=")
		out.Env[n] = name + "=" + r.Replace(value)
	}
	for name, v := range out.Labels {
		out.Labels[name] = r.Replace(v)
	}
	for n := range out.History {
		out.History[n].CreatedBy = r.Replace(out.History[n].CreatedBy)
	}
	return &out
}

// noted calls visit for each visible file with the note.
func (i *Image) noted(note string, visit func(*sekisho.FileNote)) {
	for n := range i.Files {
		if slices.Contains(i.Files[n].Notes, note) {
			visit(&i.Files[n])
		}
	}
}

// hit is a file as a place that breaks a rule.
func (i *Image) hit(f *sekisho.FileNote, args ...string) check.Hit {
	h := check.Hit{Path: f.Location.Path, Line: f.Location.Line, Layer: f.Location.Layer, Index: f.Location.Index, Hidden: f.Location.Hidden, Args: args, Excerpt: describe(f)}
	h.Instruction = i.instruction(f.Location.Index)
	return h
}

// instruction is what made a layer, without secrets.
func (i *Image) instruction(index int) string {
	if !i.IsImage || index < 0 || index >= len(i.instructions) {
		return ""
	}
	return i.instructions[index]
}

// config is a value of the configuration as a place that breaks a rule. The
// instruction is the last one of the history that speaks of it.
func (i *Image) config(resource, excerpt, verb, word string, args ...string) check.Hit {
	h := check.Hit{Resource: resource, Excerpt: excerpt, Args: args}
	for n := len(i.Steps) - 1; n >= 0 && verb != ""; n-- {
		if s := &i.Steps[n]; s.Verb == verb && strings.Contains(s.Text, word) {
			h.Instruction = s.Shown()
			break
		}
	}
	return h
}

// step is a step of the history as a place that breaks a rule.
func (i *Image) step(s *Step, args ...string) check.Hit {
	return check.Hit{Resource: "history", Excerpt: s.Shown(), Instruction: s.Shown(), Layer: i.layerName(s.Layer), Index: max(s.Layer, 0), Args: args}
}

// words makes the text of a rule.
func words(en, ja string) sekisho.Words { return sekisho.Words{EN: en, JA: ja} }

// ids takes a list of ids apart.
func ids(list string) []string { return strings.Fields(list) }

// stages is where the rules of the room apply.
var stages = []string{sekisho.StageImage}
