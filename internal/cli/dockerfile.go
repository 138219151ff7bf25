// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/base"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/dockerfile"
)

// baseFlags say what is asked about the base image.
type baseFlags struct {
	dockerfile      string
	candidates      []string
	check, builders bool
}

func (b *baseFlags) add(a *App, s *pflag.FlagSet) {
	s.StringVar(&b.dockerfile, "dockerfile", "", a.lang.Of(message.FlagDockerfile))
	s.StringSliceVar(&b.candidates, "base-candidate", nil, a.lang.Of(message.FlagBaseCandidate))
	s.BoolVar(&b.check, "check-base", false, a.lang.Of(message.FlagCheckBase))
	s.BoolVar(&b.builders, "builder-stages", false, a.lang.Of(message.FlagBuilderStages))
}

// readDockerfile reads the stages and instructions of a Dockerfile.
func (a *App) readDockerfile(name string) (*base.Build, error) {
	info, err := os.Stat(a.path(name))
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	if !info.Mode().IsRegular() {
		return nil, a.usage(message.NoFile, name)
	}
	file, err := os.Open(a.path(name))
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxDockerfile+1))
	if err != nil {
		return nil, message.Errorf("read %s: %w", name, err)
	}
	b := dockerfileBuild(name, text, nil)
	if b == nil {
		return nil, errors.New(a.lang.Of(message.DockerfileNone, name))
	}
	return b, nil
}

func dockerfileBuild(file string, text []byte, args map[string]string) *base.Build {
	return dockerfile.Build(file, text, args)
}
