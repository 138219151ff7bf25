// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// fileBytes is the size of the largest file that is kept.
const fileBytes = 4 << 20

// Extractors returns the one that keeps the files of the room.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{extractor{}} }

type extractor struct{}

func (extractor) Name() string { return "rule/compose" }
func (extractor) Version() int { return 1 }

// Wants looks at names only: of most files the content decides.
func (extractor) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && !strings.HasPrefix(f.Path, ".git/") && !strings.Contains(f.Path, "node_modules/") && wanted(f.Path)
}

func wanted(p string) bool {
	name := path.Base(p)
	switch path.Ext(name) {
	case ".yaml", ".yml", ".sh", ".bash", ".mk", ".service", ".md", ".markdown",
		".container", ".pod", ".kube", ".volume", ".network", ".image", ".build":
		return true
	}
	return isMakefile(name) || isEnvFile(p)
}

func isMakefile(name string) bool {
	return strings.EqualFold(name, "makefile") || name == "GNUmakefile" || path.Ext(name) == ".mk"
}

// isEnvFile is true for the files that Compose takes variables from.
func isEnvFile(p string) bool {
	name := path.Base(p)
	return name == ".env" || strings.HasPrefix(name, ".env.") || path.Ext(name) == ".env"
}

// isComposeName is true for the names that Compose itself looks for, and the
// usual ones beside them: compose.prod.yaml, docker-compose.ci.yml.
func isComposeName(p string) bool {
	name := path.Base(p)
	ext := path.Ext(name)
	if ext != ".yaml" && ext != ".yml" {
		return false
	}
	name = strings.TrimSuffix(strings.ToLower(name), ext)
	for _, stem := range [...]string{"docker-compose", "podman-compose", "compose", "docker-stack"} {
		if rest, ok := strings.CutPrefix(name, stem); ok && (rest == "" || strings.ContainsRune(".-_", rune(rest[0]))) {
			return true
		}
		if rest, ok := strings.CutSuffix(name, stem); ok && strings.ContainsRune(".-_", rune(rest[len(rest)-1])) {
			return true
		}
	}
	return false
}

var (
	topServices = pattern.New(`(?m)^(?:services|"services")[ \t]*:[ \t]*(?:\r?$|#|\{|&)`)
	container   = pattern.New(`(?m)[\s{"](?:image|build|extends)"?[ \t]*:`)
	topKind     = pattern.New(`(?m)^apiVersion[ \t]*:`)
	unitSection = pattern.New(`(?m)^[ \t]*\[(?:Container|Pod|Kube|Volume|Network|Image|Build)\]`)
)

// namesEngine and namesRun are asked of every script and page first.
func namesEngine[T string | []byte](text T) bool {
	s := []byte(text)
	for _, word := range [...]string{"docker", "podman", "nerdctl", "DOCKER", "PODMAN", "NERDCTL", "CONTAINER", "container", "finch"} {
		if bytes.Contains(s, []byte(word)) {
			return true
		}
	}
	return false
}

func namesRun[T string | []byte](text T) bool {
	s := []byte(text)
	return bytes.Contains(s, []byte("run")) || bytes.Contains(s, []byte("create")) || bytes.Contains(s, []byte("exec"))
}

// kindOf says what a file is; empty for one that is not ours.
func kindOf(p string, text []byte) string {
	name := path.Base(p)
	switch ext := path.Ext(name); {
	case isEnvFile(p):
		return sekisho.ResourceContext
	case ext == ".yaml" || ext == ".yml":
		if isComposeName(p) || bytes.Contains(text, []byte("services")) && topServices.Match(text) && container.Match(text) && !topKind.Match(text) {
			return sekisho.ResourceCompose
		}
	case quadletTypes[ext]:
		if unitSection.Match(text) {
			return sekisho.ResourceQuadlet
		}
	case namesEngine(text) && namesRun(text):
		return sekisho.ResourceDockerRun
	}
	return ""
}

// Extract keeps a file if it is of the room. Of variables whose names or values
// are of secrets the values are not kept.
func (extractor) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if in.Size > fileBytes {
		head := make([]byte, 64<<10)
		n, err := in.Content.ReadAt(head, 0)
		if n == 0 {
			return inv, err
		}
		if kind := kindOf(in.Path, head[:n]); kind == "" || kind == sekisho.ResourceDockerRun && !bytes.Contains(head[:n], []byte("docker ")) {
			return inv, nil
		}
		inv.Problems = []sekisho.Problem{
			sekisho.Problem{Stage: sekisho.StageExtract, Path: in.Path, Bound: "file-bytes"}.Saying(message.Say("the file has %d bytes; configuration of more than %d is not judged", in.Size, fileBytes)),
		}
		return inv, nil
	}
	text, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	kind := kindOf(in.Path, text)
	switch kind {
	case "":
		return inv, nil
	case sekisho.ResourceContext:
		text = redactEnv(text)
	default:
		text = bytes.Clone(text)
	}
	inv.Resources = []sekisho.Resource{{Kind: kind, Location: sekisho.Location{Path: in.Path}, Text: text}}
	return inv, nil
}
