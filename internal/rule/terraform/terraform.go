// SPDX-License-Identifier: Apache-2.0

// Package terraform reads Terraform and OpenTofu (https://developer.hashicorp.com/terraform/language)
// and plans in JSON into stacks: a directory that no other calls is a root, and
// is evaluated with its variables, locals, loops and local modules as far as the
// files alone decide them. It judges nothing: the room aws does. It fetches no
// module and runs no provider.
package terraform

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the one that keeps configuration, plans, and the files
// that configuration reads.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{extractor{}} }

// fileBytes is the size of the largest file that is kept; a plan is larger than
// what people write.
const fileBytes = 4 << 20

type extractor struct{}

func (extractor) Name() string { return "terraform/configuration" }
func (extractor) Version() int { return 1 }

// Wants looks at names only: what a JSON file is, its content says.
func (extractor) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || strings.HasPrefix(f.Path, ".git/") || strings.Contains(f.Path, "node_modules/") || within(f.Path, ".terraform") {
		return false
	}
	switch name := path.Base(f.Path); path.Ext(name) {
	case ".tf", ".tofu", ".tfvars", ".tftpl", ".tpl":
		return true
	case ".json":
		return !strings.HasPrefix(name, "package") && !strings.HasPrefix(name, "tsconfig")
	}
	return false
}

// within says whether a directory of the path has the name.
func within(p, dir string) bool {
	return strings.HasPrefix(p, dir+"/") || strings.Contains(p, "/"+dir+"/")
}

// Extract keeps the file if it is configuration, or may be read by some.
func (extractor) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	if in.Size > fileBytes {
		head := make([]byte, 64<<10)
		n, err := in.Content.ReadAt(head, 0)
		if n == 0 {
			return sekisho.Inventory{}, err
		}
		if !isConfiguration(in.Path) && !isPlan(head[:n]) {
			return sekisho.Inventory{}, nil
		}
		return sekisho.Inventory{Problems: []sekisho.Problem{
			sekisho.Problem{Stage: sekisho.StageExtract, Path: in.Path, Bound: "file-bytes"}.Saying(message.Say("the file has %d bytes; configuration of more than %d is not judged: split it", in.Size, fileBytes)),
		}}, nil
	}
	text, err := in.Bytes()
	if err != nil || !isConfiguration(in.Path) && !isPlan(text) && !mayBeRead(in.Path, text) {
		return sekisho.Inventory{}, err
	}
	return sekisho.Inventory{Resources: []sekisho.Resource{{Kind: sekisho.ResourceTerraform, Location: sekisho.Location{Path: in.Path}, Text: bytes.Clone(text)}}}, nil
}

// isConfiguration goes by the name.
func isConfiguration(p string) bool {
	switch path.Ext(p) {
	case ".tf", ".tofu", ".tfvars":
		return true
	}
	return isJSON(p)
}

// isJSON is true for configuration in JSON.
func isJSON(p string) bool {
	return strings.HasSuffix(p, ".tf.json") || strings.HasSuffix(p, ".tofu.json") || strings.HasSuffix(p, ".tfvars.json")
}

// isPlan finds the two members that begin a plan
// (https://developer.hashicorp.com/terraform/internals/json-format).
func isPlan(text []byte) bool {
	head := text[:min(len(text), 64<<10)]
	return bytes.Contains(head, []byte(`"format_version"`)) && bytes.Contains(head, []byte(`"planned_values"`))
}

// mayBeRead is true for policies and definitions of containers, which file()
// and templatefile() read.
func mayBeRead(p string, text []byte) bool {
	if len(text) > 256<<10 {
		return false
	}
	switch path.Ext(p) {
	case ".json":
		return bytes.Contains(text, []byte(`"Statement"`)) || bytes.Contains(text, []byte(`"image"`))
	case ".tftpl", ".tpl":
		return !bytes.Contains(text, []byte("{{"))
	}
	return false
}

// Read makes a stack of each root module and of each plan.
func Read(ctx context.Context, inv *sekisho.Inventory) ([]*cloud.Stack, error) {
	files := map[string][]byte{}
	for i := range inv.Resources {
		if res := &inv.Resources[i]; res.Kind == sekisho.ResourceTerraform && !res.Location.Hidden {
			files[res.Location.Path] = res.Text
		}
	}
	paths := make([]string, 0, len(files))
	for p := range files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var out []*cloud.Stack
	modules := map[string]*module{}
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		switch {
		case isConfiguration(p):
			dir := path.Dir(p)
			if modules[dir] == nil {
				modules[dir] = &module{dir: dir}
			}
			modules[dir].parse(p, files[p])
		case isPlan(files[p]):
			out = append(out, readPlan(p, files[p]))
		}
	}
	for _, root := range roots(modules) {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		out = append(out, evaluate(ctx, root, modules, files))
	}
	return out, nil
}

// roots are the modules that no other calls, in order; of those that call each
// other in a circle, the first.
func roots(modules map[string]*module) []*module {
	called := map[string]bool{}
	dirs := make([]string, 0, len(modules))
	for dir, m := range modules {
		dirs = append(dirs, dir)
		for _, c := range m.calls {
			if to := c.local(dir); to != "" && to != dir {
				called[to] = true
			}
		}
	}
	slices.Sort(dirs)
	var out []*module
	reached := map[string]bool{}
	var reach func(string)
	reach = func(dir string) {
		if m := modules[dir]; m != nil && !reached[dir] {
			reached[dir] = true
			for _, c := range m.calls {
				reach(c.local(dir))
			}
		}
	}
	for _, first := range [...]bool{true, false} {
		for _, dir := range dirs {
			if !reached[dir] && (!first || !called[dir]) {
				reach(dir)
				out = append(out, modules[dir])
			}
		}
	}
	return out
}
