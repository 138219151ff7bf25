// SPDX-License-Identifier: Apache-2.0

package ecosystem

import (
	"slices"

	"github.com/sekisho/sekisho/internal/advisory/hashlist"
	"github.com/sekisho/sekisho/internal/advisory/osv"
	"github.com/sekisho/sekisho/internal/advisory/threat"
	"github.com/sekisho/sekisho/internal/ecosystem/alpine"
	"github.com/sekisho/sekisho/internal/ecosystem/amazon"
	"github.com/sekisho/sekisho/internal/ecosystem/arch"
	"github.com/sekisho/sekisho/internal/ecosystem/azurelinux"
	"github.com/sekisho/sekisho/internal/ecosystem/beam"
	"github.com/sekisho/sekisho/internal/ecosystem/binary"
	"github.com/sekisho/sekisho/internal/ecosystem/cargo"
	"github.com/sekisho/sekisho/internal/ecosystem/debian"
	"github.com/sekisho/sekisho/internal/ecosystem/oracle"
	"github.com/sekisho/sekisho/internal/ecosystem/php"
	"github.com/sekisho/sekisho/internal/ecosystem/redhat"
	"github.com/sekisho/sekisho/internal/ecosystem/rocky"
	"github.com/sekisho/sekisho/internal/ecosystem/ruby"
	"github.com/sekisho/sekisho/internal/ecosystem/ubuntu"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns every feed that a database can be built from.
func Feeds() []sekisho.Feed {
	return slices.Concat(
		// one line a folder, in alphabetical order
		alpine.Feeds(),
		amazon.Feeds(),
		arch.Feeds(),
		azurelinux.Feeds(),
		beam.Feeds(),
		binary.Feeds(),
		cargo.Feeds(),
		debian.Feeds(),
		hashlist.Feeds(),
		oracle.Feeds(),
		osv.Feeds(),
		php.Feeds(),
		redhat.Feeds(),
		rocky.Feeds(),
		ruby.Feeds(),
		threat.Feeds(),
		ubuntu.Feeds(),
	)
}
