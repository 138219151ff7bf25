// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// podmanAPI is the version whose paths are used; later ones keep them.
const podmanAPI = "/v4.0.0/libpod"

// openPodman asks Podman's service and, where none answers, its program: Podman
// needs no daemon and mostly runs without.
func openPodman(ctx context.Context, ref string, o Options) ([]*sekisho.Artifact, error) {
	host := podmanHost(o)
	d, err := newDaemon("Podman", host, nil)
	if err != nil {
		return nil, err
	}
	d.prefix = podmanAPI
	arts, err := d.open(ctx, ref, o)
	if !errors.Is(err, errUnavailable) || first(o.PodmanHost, o.env("CONTAINER_HOST")) != "" {
		return arts, err
	}
	program, lookErr := exec.LookPath("podman")
	if lookErr != nil {
		return nil, err
	}
	return savePodman(ctx, program, ref, o)
}

func podmanHost(o Options) string {
	if h := first(o.PodmanHost, o.env("CONTAINER_HOST")); h != "" {
		return h
	}
	var candidates []string
	if dir := o.env("XDG_RUNTIME_DIR"); dir != "" {
		candidates = append(candidates, filepath.Join(dir, "podman/podman.sock"))
	}
	if uid := os.Getuid(); uid > 0 {
		candidates = append(candidates, filepath.Join("/run/user", strconv.Itoa(uid), "podman/podman.sock"))
	}
	const rootful = "/run/podman/podman.sock"
	for _, c := range candidates {
		if _, err := os.Stat(c); err == nil {
			return "unix://" + c
		}
	}
	return "unix://" + rootful
}

// savePodman runs podman inspect and podman save.
func savePodman(ctx context.Context, program, ref string, o Options) ([]*sekisho.Artifact, error) {
	if err := checkReference(ref); err != nil {
		return nil, err
	}
	raw, err := output(ctx, program, "image", "inspect", ref)
	if err != nil {
		if text := err.Error(); strings.Contains(text, "no such image") || strings.Contains(text, "not known") || strings.Contains(text, "failed to find image") {
			return nil, noImage("Podman", "podman pull "+ref, ref)
		}
		return nil, message.Errorf("inspect image %s of Podman: %w", ref, err)
	}
	var all []inspected
	if err := document.Decode(raw, &all); err != nil && !typeError(err) {
		return nil, message.Errorf("inspect image %s of Podman: %w", ref, err)
	}
	if len(all) == 0 || !isID(all[0].ID) {
		return nil, noImage("Podman", "podman pull "+ref, ref)
	}
	in := &all[0]
	if err := servesRequest(in, ref, o); err != nil {
		return nil, err
	}
	f, err := capture(ctx, o, in.Size, program, "save", "--quiet", "--format", DockerArchive, in.ID)
	if err != nil {
		return nil, message.Errorf("save image %s from Podman: %w", ref, err)
	}
	arts, err := openArchive(ctx, f, archiveOptions{name: ref, source: "podman"}, o)
	if err != nil {
		return nil, err
	}
	for _, art := range arts {
		in.adorn(art)
	}
	return arts, nil
}

func isID(s string) bool { return validDigest("sha256:" + strings.TrimPrefix(s, "sha256:")) }
