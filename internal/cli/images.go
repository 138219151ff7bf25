// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/source/image"
)

// imageOptions hands the flags to the image source.
func (a *App) imageOptions(f *scanFlags, bar *progress) (image.Options, error) {
	r, err := a.registryOptions(&f.registry)
	return image.Options{Platform: string(f.platform), Bounds: f.bounds(), Attached: slices.Contains(f.exceptions.vex, attachedVEX), Env: a.env, Progress: bar.pull, Registry: r}, err
}

func (a *App) registryOptions(r *registryFlags) (image.RegistryOptions, error) {
	o := image.RegistryOptions{
		Username: r.username, Password: r.password, Token: r.token, PlainHTTP: r.plainHTTP, Insecure: r.insecure,
		Mirrors: map[string][]string{},
	}
	if r.caFile != "" {
		o.CAFile = a.path(r.caFile)
	}
	for _, m := range r.mirrors {
		host, mirror, ok := strings.Cut(m, "=")
		if !ok || host == "" || mirror == "" {
			return o, a.usage(message.BadMirror, m)
		}
		o.Mirrors[host] = append(o.Mirrors[host], mirror)
	}
	return o, nil
}
