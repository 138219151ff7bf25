// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of opening an image. The zero value opens the image for Linux on this
// machine's architecture, from where the environment says.
type Options struct {
	// Platform is "os/arch[/variant]", or "all" as AllPlatforms; empty means
	// linux and this machine's architecture, or the only platform that there is.
	Platform string
	// AllPlatforms asks for one artifact a platform.
	AllPlatforms bool
	Bounds       sekisho.Bounds
	// Attached asks for the statements (VEX) beside the image.
	Attached bool
	// Signatures asks for what lies where the image's signatures lie.
	Signatures bool
	// Registry says how registries are talked to.
	Registry RegistryOptions
	// DockerHost and PodmanHost are "unix:///path" or "tcp://host:port"; empty
	// means what DOCKER_HOST, Docker's context and CONTAINER_HOST say, or the
	// usual socket.
	DockerHost string
	PodmanHost string
	// ContainerdAddress is the path of containerd's socket; empty means
	// CONTAINERD_ADDRESS or the usual one.
	ContainerdAddress string
	// Env reads the environment; nil means the process's own.
	Env func(key string) string
	// Progress is told how many bytes came through, of how many (-1 when not
	// known), at the stages "pull", "save" and "decompress". It is called from
	// several goroutines at once. It may be nil.
	Progress func(stage string, done, total int64)
}

func (o Options) normal() Options {
	if o.Platform == "all" {
		o.Platform, o.AllPlatforms = "", true
	}
	return o
}

func (o Options) env(key string) string {
	if o.Env != nil {
		return o.Env(key)
	}
	return os.Getenv(key)
}

// Open opens an image: one artifact, or one a platform with AllPlatforms. The
// scheme is "registry", "docker", "podman", "containerd", "docker-archive",
// "oci-archive" or "oci-dir". An empty scheme means that ref is a bare image
// reference: Docker is asked first, then Podman, then the registry, and
// Target.Source says who had it. With AllPlatforms the registry is asked first,
// since Docker and Podman mostly keep one platform. The artifacts must be closed.
func Open(ctx context.Context, scheme, ref string, o Options) ([]*sekisho.Artifact, error) {
	o = o.normal()
	if _, _, err := wanted(o); err != nil {
		return nil, err
	}
	if ref == "" {
		return nil, message.New("no image was named: give a reference such as example.com/app:1.0, or the path of an archive")
	}
	switch scheme {
	case "":
		return openBare(ctx, ref, o)
	case "registry":
		return openRegistry(ctx, ref, o)
	case "docker":
		return openDocker(ctx, ref, o)
	case "podman":
		return openPodman(ctx, ref, o)
	case "containerd":
		return openContainerd(ctx, ref, o)
	case DockerArchive, OCIArchive:
		return openArchivePath(ctx, ref, scheme, o)
	case OCIDir:
		return openDir(ctx, ref, o)
	}
	return nil, message.Errorf("image source %q is not known: use registry, docker, podman, containerd, docker-archive, oci-archive or oci-dir", scheme)
}

// openBare tries the places where an image may be. What a daemon has for
// another platform only may be there for the right one in the registry.
func openBare(ctx context.Context, ref string, o Options) ([]*sekisho.Artifact, error) {
	type place struct {
		name string
		open func(context.Context, string, Options) ([]*sekisho.Artifact, error)
	}
	places := []place{{"docker", openDocker}, {"podman", openPodman}, {"registry", openRegistry}}
	if o.AllPlatforms {
		places = []place{{"registry", openRegistry}, {"docker", openDocker}, {"podman", openPodman}}
	}
	type passed struct {
		name string
		why  error
	}
	var tried []passed
	var registryErr error
	for _, p := range places {
		arts, err := p.open(ctx, ref, o)
		if err == nil {
			return arts, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		var pe *PlatformError
		switch {
		case p.name == "registry":
			registryErr = err
		case errors.Is(err, errNoImage), errors.Is(err, errUnavailable), errors.As(err, &pe):
			tried = append(tried, passed{p.name, brief(err)})
		default:
			return nil, err
		}
	}
	return nil, message.Errorf("%w (before that, looked in %s (%v) and %s (%v))", registryErr, tried[0].name, tried[0].why, tried[1].name, tried[1].why)
}

// brief gives why a place was passed over.
func brief(err error) error {
	var pe *PlatformError
	switch {
	case errors.As(err, &pe):
		return message.New("it has the image for another platform")
	case errors.Is(err, errNoImage):
		return message.New("it has no such image")
	case errors.Is(err, os.ErrPermission):
		return message.New("its socket may not be opened by this user")
	}
	return message.New("it is not running")
}

// Why a daemon could not give an image, for those that go on to the next place.
var (
	errNoImage     = message.New("no such image")
	errUnavailable = message.New("not available")
)

// What may be part of a reference: anything else could mean something to the
// daemon's router or to a program's command line. Its length is bounded apart:
// a thousand states of an expression cost every start of the program.
var reference = pattern.New(`^[A-Za-z0-9][A-Za-z0-9._/:@+-]*$`)

const maxReference = 1001

func checkReference(ref string) error {
	if len(ref) > maxReference || !reference.MatchString(ref) || strings.Contains(ref, "..") || strings.Contains(ref, "//") {
		return message.Errorf("%q is no image reference: write it like alpine:3.20 or example.com/team/app@sha256:DIGEST", ref)
	}
	return nil
}
