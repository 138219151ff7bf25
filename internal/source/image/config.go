// SPDX-License-Identifier: Apache-2.0

package image

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// configFile is the part of an image configuration that is read. Times are
// strings so that an odd one does not cost the rest.
// See https://github.com/opencontainers/image-spec/blob/main/config.md and
// https://github.com/moby/docker-image-spec for Docker's own fields.
type configFile struct {
	Created      string `json:"created"`
	Author       string `json:"author"`
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	OSVersion    string `json:"os.version"`
	Variant      string `json:"variant"`
	Config       struct {
		User         string                     `json:"User"`
		Env          []string                   `json:"Env"`
		Entrypoint   []string                   `json:"Entrypoint"`
		Cmd          []string                   `json:"Cmd"`
		WorkingDir   string                     `json:"WorkingDir"`
		ExposedPorts map[string]json.RawMessage `json:"ExposedPorts"`
		Volumes      map[string]json.RawMessage `json:"Volumes"`
		Labels       map[string]string          `json:"Labels"`
		StopSignal   string                     `json:"StopSignal"`
		Healthcheck  *struct {
			Test []string `json:"Test"`
		} `json:"Healthcheck"`
	} `json:"config"`
	RootFS struct {
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []struct {
		Created    string `json:"created"`
		CreatedBy  string `json:"created_by"`
		Comment    string `json:"comment"`
		EmptyLayer bool   `json:"empty_layer"`
	} `json:"history"`
}

// parseConfig reads an image configuration. Fields of the wrong type are left
// out and reported as a problem.
func parseConfig(raw []byte, name string) (*configFile, []sekisho.Problem, error) {
	if len(raw) > maxConfig {
		return nil, nil, message.Errorf("read configuration of %s: it has %d bytes, more than the %d that are read", name, len(raw), maxConfig)
	}
	c := new(configFile)
	err := document.Decode(raw, c)
	switch {
	case typeError(err):
		p := sekisho.Problem{Stage: sekisho.StageOpen, Minor: true}.Saying(message.Say("part of the image configuration could not be read: %v", err))
		return c, []sekisho.Problem{p}, nil
	case err != nil:
		return nil, nil, message.Errorf("read configuration of %s: %w", name, err)
	}
	return c, nil, nil
}

func (c *configFile) platform() *sekisho.Platform {
	if c == nil || c.OS == "" && c.Architecture == "" {
		return nil
	}
	return &sekisho.Platform{OS: c.OS, Architecture: c.Architecture, Variant: c.Variant, OSVersion: c.OSVersion}
}

// image turns the configuration into the vocabulary's form.
func (c *configFile) image() *sekisho.ImageConfig {
	img := &sekisho.ImageConfig{
		Created: parseTime(c.Created), Author: c.Author, User: c.Config.User, Env: c.Config.Env,
		Entrypoint: c.Config.Entrypoint, Cmd: c.Config.Cmd, WorkingDir: c.Config.WorkingDir,
		ExposedPorts: slices.Sorted(maps.Keys(c.Config.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(c.Config.Volumes)),
		StopSignal: c.Config.StopSignal, Labels: c.Config.Labels,
	}
	if c.Config.Healthcheck != nil {
		img.Healthcheck = c.Config.Healthcheck.Test
	}
	for _, h := range c.History {
		img.History = append(img.History, sekisho.History{Created: parseTime(h.Created), CreatedBy: h.CreatedBy, Comment: h.Comment, EmptyLayer: h.EmptyLayer})
	}
	return img
}

// describe fills DiffID, Instruction and Created of the layers. History is
// matched only when it accounts for every layer: a guess would blame the wrong
// instruction.
func (c *configFile) describe(layers []sekisho.Layer) []sekisho.Problem {
	var problems []sekisho.Problem
	if ids := c.RootFS.DiffIDs; len(ids) == len(layers) {
		for i := range layers {
			if validDigest(ids[i]) {
				layers[i].DiffID = ids[i]
			} else {
				problems = append(problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: layers[i].Digest}.Saying(message.Say("the configuration's diff id of layer %d is no digest: its content could not be verified by it", i+1)))
			}
		}
	} else {
		problems = append(problems, sekisho.Problem{Stage: sekisho.StageOpen}.Saying(message.Say("the manifest has %d layers and the configuration %d diff ids: the uncompressed layers could not be verified, build the image again", len(layers), len(ids))))
	}
	var steps []int
	for i, h := range c.History {
		if !h.EmptyLayer {
			steps = append(steps, i)
		}
	}
	if len(steps) == len(layers) {
		for i, step := range steps {
			h := c.History[step]
			layers[i].Instruction = instruction(h.CreatedBy)
			layers[i].Created = parseTime(h.Created)
		}
	}
	return problems
}

func parseTime(s string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// instruction gives the Dockerfile instruction of a history entry. The classic
// builder wrote the shell's command line, with "#(nop)" before what ran no
// command; BuildKit writes the instruction and the comment "# buildkit"; both
// put build arguments before the shell as "|2 A=x B=y", which are dropped since
// they are no part of the instruction and may be secret.
func instruction(createdBy string) string {
	s := strings.TrimSpace(createdBy)
	s = strings.TrimSpace(strings.TrimSuffix(s, "# buildkit"))
	const nop = "#(nop)"
	for _, shell := range []string{"/bin/sh -c ", "cmd /S /C ", "powershell -Command "} {
		if rest, ok := strings.CutPrefix(s, shell+nop); ok {
			return strings.TrimSpace(rest)
		}
	}
	body, isRun := strings.CutPrefix(s, "RUN ")
	bare := body
	if strings.HasPrefix(body, "|") {
		bare = dropBuildArgs(body)
	}
	for _, shell := range []string{"/bin/sh -c ", "cmd /S /C "} {
		if rest, ok := strings.CutPrefix(bare, shell); ok {
			return "RUN " + strings.TrimSpace(rest)
		}
	}
	if isRun || bare != body {
		return "RUN " + bare
	}
	return s
}

// dropBuildArgs removes "|N a=b ..." from the front. Values may hold spaces, so
// the shell is looked for first, and the count only helps where there is none.
func dropBuildArgs(s string) string {
	for _, shell := range []string{"/bin/sh -c ", "/bin/bash ", "/bin/ash ", "cmd /S /C ", "powershell "} {
		if i := strings.Index(s, " "+shell); i >= 0 {
			return s[i+1:]
		}
	}
	var n int
	head, rest, _ := strings.Cut(s, " ")
	if _, err := fmt.Sscanf(head, "|%d", &n); err != nil {
		return s
	}
	for ; n > 0 && rest != ""; n-- {
		_, rest, _ = strings.Cut(rest, " ")
	}
	return rest
}
