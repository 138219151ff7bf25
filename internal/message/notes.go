// SPDX-License-Identifier: Apache-2.0

package message

// notes are texts of the command line that reports carry as well.
var notes = []Fault{
	{"base-unknown", BaseUnknownFor},
	{"base-no-digest", BaseNoDigest},
	{"base-check", BaseCheckFails},
	{"base-candidate", BaseCandidateFails},
	{"base-stage", BaseStageFails},
	{"workload-unread", WorkloadUnread},
	{"clamd-old", ClamdOld},
	{"clamd-nowhere", ClamdNowhere},
	{"clamd-no-answer", ClamdNoAnswer},
	{"yara-missing", YaraMissing},
	{"yara-no-rules", YaraNoRules},
	{"yara-broken", YaraBroken},
}
