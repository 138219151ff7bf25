// SPDX-License-Identifier: Apache-2.0

package cloud

import (
	"strings"
	"unicode"
)

// Snake is Terraform's spelling of a name: "EFSVolumeConfiguration" is
// "efs_volume_configuration".
func Snake(s string) string {
	var b strings.Builder
	r := []rune(s)
	for i, c := range r {
		if unicode.IsUpper(c) && i > 0 && r[i-1] != '_' &&
			(unicode.IsLower(r[i-1]) || unicode.IsDigit(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
