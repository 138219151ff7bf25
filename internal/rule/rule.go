// SPDX-License-Identifier: Apache-2.0

// Package rule is the index of the kinds of rules: one folder each, one line
// each in the lists below. A test compares the folders with them.
package rule

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/aws"
	"github.com/sekisho/sekisho/internal/rule/ci"
	"github.com/sekisho/sekisho/internal/rule/cloudformation"
	"github.com/sekisho/sekisho/internal/rule/compose"
	"github.com/sekisho/sekisho/internal/rule/dockerfile"
	"github.com/sekisho/sekisho/internal/rule/image"
	"github.com/sekisho/sekisho/internal/rule/kubernetes"
	"github.com/sekisho/sekisho/internal/rule/license"
	"github.com/sekisho/sekisho/internal/rule/malware"
	"github.com/sekisho/sekisho/internal/rule/secret"
	"github.com/sekisho/sekisho/internal/rule/terraform"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Checkers returns the checkers of every kind, judging by the settings.
func Checkers(s *check.Settings) []sekisho.Checker {
	return []sekisho.Checker{
		// one line a folder, in alphabetical order
		aws.Checker(s, cloudformation.Read, terraform.Read),
		ci.Checker(s),
		compose.Checker(s),
		dockerfile.Checker(s),
		image.Checker(s),
		kubernetes.Checker(s),
	}
}

// CheckKubeVersion refuses a version of Kubernetes that charts cannot be rendered
// for.
func CheckKubeVersion(version string) error { return kubernetes.CheckKubeVersion(version) }

// Extractors returns those that recognise and keep configuration files. A
// source tree is read by all of them; an image and a root file system by
// ImageExtractors alone: what lies in them does not configure them.
func Extractors() []sekisho.Extractor {
	return slices.Concat([][]sekisho.Extractor{
		// one line a folder, in alphabetical order
		aws.Extractors(),
		ci.Extractors(),
		cloudformation.Extractors(),
		compose.Extractors(),
		dockerfile.Extractors(),
		kubernetes.Extractors(),
		terraform.Extractors(),
	}...)
}

// ImageExtractors returns those that state facts about the file system of an
// image.
func ImageExtractors() []sekisho.Extractor {
	return slices.Concat([][]sekisho.Extractor{
		image.Extractors(),
	}...)
}

// Rules is the catalogue: every rule of every kind, in the order of ids.
func Rules() []sekisho.Rule {
	all := slices.Concat([][]sekisho.Rule{
		// one line a folder, in alphabetical order
		aws.Rules(),
		ci.Rules(),
		compose.Rules(),
		dockerfile.Rules(),
		image.Rules(),
		kubernetes.Rules(),
		license.Rules(),
		malware.Rules(),
		secret.Rules(),
	}...)
	slices.SortFunc(all, func(a, b sekisho.Rule) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind)) })
	return all
}

// Variables are what rules of users see, by kind of resource.
func Variables() map[string]check.Variables {
	return map[string]check.Variables{
		// one line a folder, in alphabetical order
		sekisho.ResourceAWS:        aws.Variables(),
		sekisho.ResourceCompose:    compose.Variables(),
		sekisho.ResourceQuadlet:    compose.Variables(),
		sekisho.ResourceDockerRun:  compose.Variables(),
		sekisho.ResourceDockerfile: dockerfile.Variables(),
		sekisho.ResourceImage:      image.Variables(),
		sekisho.ResourceKubernetes: kubernetes.Variables(),
	}
}

// Policy is a rule of Kubernetes as a native admission policy with its binding;
// false for what the language of such policies cannot say.
func Policy(id string) (yaml string, ok bool) { return kubernetes.Policy(id) }

// Judge reads the files of a tree, by path, as a scan of a source tree does, and
// judges them: for the archives of rules.
func Judge(ctx context.Context, files map[string][]byte, s *check.Settings) (sekisho.Judgement, error) {
	inv := read(ctx, files, slices.Concat(Extractors(), ImageExtractors()))
	out := sekisho.Judgement{Problems: inv.Problems}
	for _, c := range Checkers(s) {
		j, err := c.Check(ctx, &inv)
		if err != nil {
			return out, message.Errorf("%s: %w", c.Name(), err)
		}
		out.Findings = append(out.Findings, j.Findings...)
		out.Problems = append(out.Problems, j.Problems...)
		out.Rules = append(out.Rules, j.Rules...)
	}
	return out, nil
}

// Workloads are the containers that files start, by path: manifests, charts and
// kustomizations of Kubernetes, task definitions of ECS alone or in stacks of
// Terraform and CloudFormation, Compose files, quadlets and docker run lines.
// What could not be read is said.
func Workloads(ctx context.Context, files map[string][]byte, s *check.Settings) ([]sekisho.Workload, []sekisho.Problem, error) {
	inv := read(ctx, files, Extractors())
	problems := inv.Problems
	var out []sekisho.Workload
	for _, of := range []func() ([]sekisho.Workload, []sekisho.Problem, error){
		// one line a folder, in alphabetical order
		func() ([]sekisho.Workload, []sekisho.Problem, error) {
			return aws.Workloads(ctx, s, &inv, cloudformation.Read, terraform.Read)
		},
		func() ([]sekisho.Workload, []sekisho.Problem, error) { return compose.Workloads(ctx, s, &inv) },
		func() ([]sekisho.Workload, []sekisho.Problem, error) { return kubernetes.Workloads(ctx, s, &inv) },
	} {
		some, bad, err := of()
		if err != nil {
			return nil, nil, err
		}
		out, problems = append(out, some...), append(problems, bad...)
	}
	return out, problems, nil
}

// WorkloadFile says whether a file may say how containers are run, by its name.
func WorkloadFile(f *sekisho.File) bool {
	return slices.ContainsFunc(Extractors(), func(e sekisho.Extractor) bool { return e.Wants(f) })
}

// read extracts from files what the extractors want.
func read(ctx context.Context, files map[string][]byte, extractors []sekisho.Extractor) sekisho.Inventory {
	inv := sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindRepository}}
	paths := slices.Sorted(maps.Keys(files))
	for _, e := range extractors {
		for _, p := range paths {
			f := sekisho.File{Path: p, Size: int64(len(files[p])), Mode: 0o644}
			if !e.Wants(&f) {
				continue
			}
			one, err := e.Extract(ctx, &sekisho.Input{Path: p, File: f, Content: bytes.NewReader(files[p]), Size: f.Size, Bounds: sekisho.DefaultBounds})
			if err != nil {
				one.Problems = append(one.Problems, sekisho.AsProblem(sekisho.StageExtract, p, err))
			}
			for i := range one.Resources {
				one.Resources[i].Location.Path = cmp.Or(one.Resources[i].Location.Path, p)
			}
			inv.Merge(one)
		}
	}
	return inv
}
