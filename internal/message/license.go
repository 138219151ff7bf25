// SPDX-License-Identifier: Apache-2.0

package message

// The words of the scanner of licences.
var (
	FlagLicenseDeny   = Text{"with --scanners license: SPDX ids or categories that are denied (public-domain, permissive, weak-copyleft, strong-copyleft, network-copyleft, source-available, proprietary, unknown)", "--scanners license とともに、拒否する SPDX の ID または分類 (public-domain、permissive、weak-copyleft、strong-copyleft、network-copyleft、source-available、proprietary、unknown)"}
	FlagLicenseAllow  = Text{"with --scanners license: SPDX ids or categories that are allowed; all others are denied", "--scanners license とともに、許可する SPDX の ID または分類。ほかはすべて拒否する"}
	BadLicense        = Text{"the list of licences cannot be used: %v", "ライセンスのリストを解釈できません: %v"}
	LicenseNotScanned = Text{"--license-deny and --license-allow need the scanner of licences: add license to --scanners", "--license-deny と --license-allow にはライセンスのスキャナーが必要です。--scanners に license を追加してください"}
)
