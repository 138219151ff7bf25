// SPDX-License-Identifier: Apache-2.0

package sekisho

import "context"

// Fingerprinter is an Extractor whose facts depend on more than the bytes of a
// file and its Version: on a database of signatures, on rules of the user.
type Fingerprinter interface {
	Extractor
	// Fingerprint names what the facts depend on; it is part of the key under
	// which they are cached. Empty when that cannot be told: facts are then
	// neither taken from the cache nor put into it.
	Fingerprint() string
}

// LayerSniffer is a Sniffer that sees the files of a layer together: an engine
// that examines them in batches, and tells once what it did not examine.
type LayerSniffer interface {
	Sniffer
	// Begin is called before the walk of each layer; Sniff is then asked of what
	// it returns. The context is that of the walk.
	Begin(ctx context.Context) LayerSniff
}

// LayerSniff looks at the files of one layer. Sniff and its writers are called
// from several goroutines.
type LayerSniff interface {
	// Sniff is that of Sniffer.
	Sniff(f *File) SniffWriter
	// End is called once, after the last writer ended. It returns the facts that
	// no writer told; they name their path.
	End() Inventory
}
