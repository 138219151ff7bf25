// SPDX-License-Identifier: Apache-2.0

package message

// Edits of files that close findings.
var (
	SuggestionHead   = Text{"Suggested edit", "修正案"}
	SuggestionUnsafe = Text{"may change what runs: look before you take it", "動作が変わる可能性があるため、内容を確認して適用してください"}
	SuggestionsHead  = Text{"suggested edits: %d", "修正案 %d 件"}
)
