// SPDX-License-Identifier: Apache-2.0

package exception

import "github.com/sekisho/sekisho/internal/document"

func (r *reader) openVEX(n *document.Node)   { r.bad(n, "VEX is not read yet") }
func (r *reader) cycloneDX(n *document.Node) { r.bad(n, "VEX is not read yet") }
func (r *reader) csaf(n *document.Node)      { r.bad(n, "VEX is not read yet") }
