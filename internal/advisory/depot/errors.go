// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/sekisho/sekisho/internal/message"
)

// What a caller branches on. The typed errors below carry more.
var (
	// ErrNoDatabase: the directory holds no manifest.
	ErrNoDatabase = message.New("there is no database here")
	// ErrUnknownWorld: the manifest does not list the world.
	ErrUnknownWorld = message.New("the database has no such world")
	// ErrNotFetched: the manifest lists the world, its shard is not on disk.
	ErrNotFetched = message.New("the shard is not fetched yet")
	// ErrGone: the origin does not have what it was asked for.
	ErrGone = message.New("the origin does not have it")
	// ErrUnsigned: there is no signature, and the policy wants one.
	ErrUnsigned = message.New("the database is not signed")
	// ErrWrongKey: there are signatures, none by a key that is trusted.
	ErrWrongKey = message.New("the database is signed by another key")
	// ErrAltered: the manifest is not the one that was signed.
	ErrAltered = message.New("the database was altered after it was signed")
	// ErrRollback: the edition on offer is older than the one that is present.
	ErrRollback = message.New("the edition is older than the one that is present")
	// ErrExpired: the edition on offer is past its date.
	ErrExpired = message.New("the edition is past its date")
	// ErrBusy: another process is changing the database.
	ErrBusy = message.New("another process is changing the database")
	// ErrDiskFull: there is no room on the disk; what was there is kept.
	ErrDiskFull = message.New("the disk is full")
)

// SignatureError says why a manifest is not trusted. It is one of [ErrUnsigned],
// [ErrWrongKey] and [ErrAltered], which Kind holds.
type SignatureError struct {
	Kind error
	// Have are the ids of the keys that signed, Want of those that are trusted.
	Have, Want []string
}

func (e *SignatureError) Unwrap() error { return e.Kind }
func (e *SignatureError) Error() string {
	switch {
	case errors.Is(e.Kind, ErrUnsigned):
		return "the database is not signed: use one that is, or allow an unsigned one if you built it yourself"
	case errors.Is(e.Kind, ErrAltered):
		return "the database was altered after " + strings.Join(e.Have, ", ") + " signed it: do not use it, update from a place that you trust"
	case len(e.Want) == 0:
		return "the database is signed by " + strings.Join(e.Have, ", ") + " and no key is trusted: name its public key in the configuration"
	}
	return "the database is signed by " + strings.Join(e.Have, ", ") + ", and only " + strings.Join(e.Want, ", ") +
		" is trusted: check where it comes from, or name its public key in the configuration"
}

// ManifestError says what is wrong with a manifest or with its signature file.
type ManifestError struct{ Why string }

func (e *ManifestError) Error() string { return "the database's manifest is not valid: " + e.Why }

func lie(format string, args ...any) error { return &ManifestError{fmt.Sprintf(format, args...)} }

// DamagedError says that a shard is not what the manifest says.
type DamagedError struct {
	Shard Shard
	Why   string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the shard %s is damaged or was exchanged: %s; update the database by force to fetch it again", e.Shard.World, e.Why)
}

// EditionError refuses an edition on offer, by its date. Kind is [ErrRollback]
// or [ErrExpired].
type EditionError struct {
	Kind          error
	Have, Offered *Manifest
}

func (e *EditionError) Unwrap() error { return e.Kind }
func (e *EditionError) Error() string {
	if errors.Is(e.Kind, ErrExpired) {
		return fmt.Sprintf("the database on offer was made at %s and good until %s: the mirror is stale, ask another one", e.Offered.Created, e.Offered.Expires)
	}
	return fmt.Sprintf("the database on offer (%s, serial %d) is older than the present one (%s, serial %d): allow a roll-back if you want it all the same",
		e.Offered.Created, e.Offered.Serial, e.Have.Created, e.Have.Serial)
}

// WorldError is [ErrUnknownWorld] or [ErrNotFetched], of a world.
type WorldError struct {
	World string
	Kind  error
}

func (e *WorldError) Unwrap() error { return e.Kind }
func (e *WorldError) Error() string {
	if errors.Is(e.Kind, ErrNotFetched) {
		return "the shard of " + e.World + " is not fetched yet: update the database, or scan with the network allowed"
	}
	return fmt.Sprintf("the database has no world %q", e.World)
}

// full turns the ways in which a disk has no more room into one.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return &diskError{err}
	}
	return err
}

type diskError struct{ err error }

func (e *diskError) Unwrap() []error { return []error{ErrDiskFull, e.err} }
func (e *diskError) Error() string {
	return "there is no room left on the disk (" + e.err.Error() + "): free some; the database that was there still works"
}
