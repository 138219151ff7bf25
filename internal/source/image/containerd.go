// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// openContainerd has the image exported by containerd's own program, ctr, or by
// nerdctl. The namespaces are those of CONTAINERD_NAMESPACE or, one after the
// other, of containerd, Kubernetes and Docker.
func openContainerd(ctx context.Context, ref string, o Options) ([]*sekisho.Artifact, error) {
	if err := checkReference(ref); err != nil {
		return nil, err
	}
	full, err := fullName(ref)
	if err != nil {
		return nil, err
	}
	program, err := exec.LookPath("ctr")
	if err != nil {
		return nil, message.Because([]error{errUnavailable}, "containerd's program ctr was not found: install it, or write registry: before the reference to pull the image instead")
	}
	address := strings.TrimPrefix(first(o.ContainerdAddress, o.env("CONTAINERD_ADDRESS"), "/run/containerd/containerd.sock"), "unix://")
	namespaces := []string{"default", "k8s.io", "moby"}
	if n := o.env("CONTAINERD_NAMESPACE"); n != "" {
		namespaces = []string{n}
	}
	if _, err := os.Stat(address); errors.Is(err, os.ErrNotExist) {
		return nil, containerdDown(address)
	}
	for _, ns := range namespaces {
		raw, err := output(ctx, program, "--address", address, "--namespace", ns, "images", "ls", "--quiet", "name=="+full, "name=="+ref)
		if err != nil {
			return nil, explainCtr(ctx, err, address)
		}
		found := strings.Fields(string(raw))
		if len(found) == 0 {
			continue
		}
		full := full
		if !slices.Contains(found, full) {
			full = ref // an imported image may have a name without a registry
		}
		args := []string{"--address", address, "--namespace", ns, "images", "export"}
		if o.AllPlatforms {
			args = append(args, "--all-platforms")
		} else {
			want, _, err := wanted(o)
			if err != nil {
				return nil, err
			}
			args = append(args, "--platform", want.String())
		}
		f, err := capture(ctx, o, -1, program, append(args, "-", full)...)
		if err != nil {
			return nil, explainCtr(ctx, message.Errorf("export image %s from containerd: %w", full, err), address)
		}
		return openArchive(ctx, f, archiveOptions{name: ref, source: "containerd"}, o)
	}
	return nil, noImage("containerd (namespace "+strings.Join(namespaces, ", ")+")", "ctr images pull "+full, ref)
}

func containerdDown(address string) error {
	return message.Because([]error{errUnavailable}, "containerd is not running: nothing answers at %s: start it, set CONTAINERD_ADDRESS, or write registry: before the reference to pull the image instead", address)
}

// explainCtr reads ctr's words, the only thing that it gives.
func explainCtr(ctx context.Context, err error, address string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch text := err.Error(); {
	case strings.Contains(text, "permission denied"):
		return message.Because([]error{errUnavailable, os.ErrPermission}, "containerd's socket %s may not be opened by this user: run as root", address)
	case strings.Contains(text, "connection refused"), strings.Contains(text, "no such file or directory"), strings.Contains(text, "deadline exceeded"):
		return containerdDown(address)
	}
	return err
}

// fullName gives the name under which containerd keeps an image:
// "docker.io/library/alpine:latest" for "alpine".
func fullName(ref string) (string, error) {
	r, err := name.ParseReference(ref)
	if err != nil {
		return "", message.Errorf("%q is no image reference: %w", ref, err)
	}
	if rest, ok := strings.CutPrefix(r.Name(), "index.docker.io/"); ok {
		return "docker.io/" + rest, nil
	}
	return r.Name(), nil
}
