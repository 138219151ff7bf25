// SPDX-License-Identifier: Apache-2.0

// Package depot keeps the compiled database: which shards there are (a signed
// manifest), where they lie on disk, how they are fetched, verified, replaced,
// exported and imported. A shard is an opaque file here, addressed by its
// digest; the room knows no shard format, no feed and no registry.
//
// On disk a depot is
//
//	DIR/manifest.json              what there is; its rename is the one moment of change
//	DIR/manifest.json.sig          ed25519 over the manifest's exact bytes
//	DIR/shards/sha256/HEX          a shard; HEX.part while it is being fetched
//	DIR/checked                    when an origin was last asked
//	DIR/lock, DIR/readers          held by who writes; shared by who reads
//
// and an origin serves the first three by the same names.
package depot
