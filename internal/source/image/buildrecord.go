// SPDX-License-Identifier: Apache-2.0

package image

import (
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of what a builder noted. A real build has tens of steps.
const (
	maxBuildSteps  = 10_000
	maxBuildText   = 4 << 20
	maxBuildArgs   = 1000
	maxStacks      = 16
	maxStackLayers = 1000
)

// buildkit is what BuildKit notes with mode=max: the Dockerfile, where each step
// stands in it, and the layers that it made. See
// https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md.
type buildkit struct {
	VCS    vcs `json:"vcs"`
	Source struct {
		Locations map[string]struct {
			Locations []struct {
				SourceIndex int `json:"sourceIndex"`
				Ranges      []struct {
					Start struct {
						Line int `json:"line"`
					} `json:"start"`
				} `json:"ranges"`
			} `json:"locations"`
		} `json:"locations"`
		Infos []struct {
			Filename string `json:"filename"`
			Language string `json:"language"`
			Data     []byte `json:"data"`
		} `json:"infos"`
	} `json:"source"`
	// Layers by "step3:0": a list of descriptors for each way of storing them.
	Layers map[string][][]struct {
		Digest string `json:"digest"`
	} `json:"layers"`
}

// buildConfig lists the steps. The names of their kinds are written with a
// capital or not, by the version of BuildKit; the decoder takes both.
type buildConfig struct {
	Steps []struct {
		ID string `json:"id"`
		Op struct {
			Op struct {
				Source *struct {
					Identifier string `json:"identifier"`
				} `json:"source"`
			} `json:"Op"`
		} `json:"op"`
	} `json:"llbDefinition"`
}

type parameters struct {
	Args map[string]string `json:"args"`
}

// recordOf makes a record of what was noted; nil where that is nothing. The
// first file is the Dockerfile.
func recordOf(noted *buildkit, config *buildConfig, request *parameters) *sekisho.BuildRecord {
	if len(noted.Source.Infos) == 0 && len(noted.Layers) == 0 {
		return nil
	}
	out := &sekisho.BuildRecord{Target: request.Args["target"]}
	if len(noted.Source.Infos) > 0 {
		if info := &noted.Source.Infos[0]; info.Language == "" || strings.EqualFold(info.Language, "Dockerfile") {
			out.File = info.Filename
			if len(info.Data) <= maxBuildText {
				out.Text = info.Data
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(request.Args)) {
		if name, ok := strings.CutPrefix(key, "build-arg:"); ok && len(out.Args) < maxBuildArgs {
			if out.Args == nil {
				out.Args = map[string]string{}
			}
			out.Args[name] = request.Args[key]
		}
	}
	stacks := map[string][][]string{}
	for _, key := range slices.Sorted(maps.Keys(noted.Layers)) {
		id, _, _ := strings.Cut(key, ":")
		for _, stack := range noted.Layers[key] {
			if len(stack) > maxStackLayers || len(stacks[id]) == maxStacks {
				continue
			}
			digests := make([]string, len(stack))
			for i := range stack {
				digests[i] = stack[i].Digest
			}
			stacks[id] = append(stacks[id], digests)
		}
	}
	for i := range config.Steps[:min(len(config.Steps), maxBuildSteps)] {
		s := &config.Steps[i]
		step := sekisho.BuildStep{Line: noted.line(s.ID), Layers: stacks[s.ID]}
		if src := s.Op.Op.Source; src != nil {
			ref, ok := strings.CutPrefix(src.Identifier, "docker-image://")
			if !ok {
				continue // the context of the build, an archive
			}
			step.Image, step.Digest, _ = strings.Cut(ref, "@")
		}
		if step.Image != "" || len(step.Layers) > 0 {
			out.Steps = append(out.Steps, step)
		}
	}
	return out
}

// line is where a step begins in the first file; 0 where it is not told, and for
// a step that stands at several places.
func (b *buildkit) line(id string) int {
	at := b.Source.Locations[id].Locations
	if len(at) != 1 || at[0].SourceIndex != 0 || len(at[0].Ranges) == 0 {
		return 0
	}
	first := 0
	for _, r := range at[0].Ranges {
		if n := r.Start.Line; n > 0 && (first == 0 || n < first) {
			first = n
		}
	}
	return first
}
