#!/bin/sh
# report.sh WITHOUT ROOT: reads the surefire reports under ROOT, names what failed and what was skipped,
# and ends with "N passed, N failed, N skipped". Status 1: something failed, more than a few passed only when
# they ran again, a skip is not allowed, a module's tests left no report, or no test ran at all.
set -u
without=$1 root=$2
flaky_at_most=3
cd "$root" || exit 1
results=$(mktemp "${TMPDIR:-/tmp}/atoll-report.XXXXXX") || exit 1
trap 'rm -f "$results"' EXIT

# One line a test case: outcome, class#method, message. Surefire writes each element on a line of its
# own, its texts escaped, so lines are enough; text between tags (output, stack traces) is passed over.
find . -path '*/target/surefire-reports/TEST-*.xml' -type f -exec cat {} + 2>/dev/null | awk '
  function attribute(line, name,   at, rest) {
    at = index(line, " " name "=\"")
    if (at == 0) return ""
    rest = substr(line, at + length(name) + 3)
    rest = substr(rest, 1, index(rest, "\"") - 1)
    gsub(/&lt;/, "<", rest); gsub(/&gt;/, ">", rest); gsub(/&quot;/, "\"", rest)
    gsub(/&#(10|13|9);/, " ", rest); gsub(/&amp;/, "\\&", rest)
    return rest
  }
  function reason(   text) {
    text = attribute($0, "message")
    if (text == "") text = words
    sub(/^org\.opentest4j\.TestAbortedException: /, "", text); gsub(/\t/, " ", text)
    return text
  }
  function flush() {
    if (open) printf "%s\t%s\t%s\n", outcome, test, message
    open = 0
  }
  { # what a test printed stands in CDATA and may look like anything; the first words say why it was skipped
    rest = $0; $0 = ""; words = ""
    while (rest != "") {
      at = index(rest, cdata ? "]]>" : "<![CDATA[")
      if (at == 0) { if (!cdata) $0 = $0 rest; break }
      if (!cdata) $0 = $0 substr(rest, 1, at - 1)
      rest = substr(rest, at + (cdata ? 3 : 9))
      cdata = !cdata
      if (cdata && words == "") { words = rest; sub(/]]>.*/, "", words) }
    }
  }
  /^ *<testcase / {
    flush()
    open = 1; outcome = "passed"; message = ""
    test = attribute($0, "classname") "#" attribute($0, "name")
    if (/\/> *$/) flush()
    next
  }
  open && /^ *<skipped/ { outcome = "skipped"; message = reason() }
  open && /^ *<flaky(Failure|Error)[ >]/ { outcome = "flaky"; message = reason() }
  open && /^ *<(failure|error)[ >]/ { outcome = "failed"; message = reason() }
  /^ *<\/testcase>/ { flush() }
' >"$results"

count() { awk -F '\t' -v want="$1" '$1 == want { n++ } END { print n + 0 }' "$results"; }
failed=$(count failed) skipped=$(count skipped) flaky=$(count flaky)
passed=$(($(count passed) + flaky))
verdict=0

name_all() { awk -F '\t' -v want="$1" '$1 == want { printf "  %s\n      %s\n", $2, substr($3, 1, 300) }' "$results"; }
if [ "$failed" -gt 0 ]; then
  echo "Failed:"
  name_all failed
  verdict=1
fi
if [ "$flaky" -gt 0 ]; then
  echo "Failed, and passed when they ran again:"
  name_all flaky
  if [ "$flaky" -gt "$flaky_at_most" ]; then
    echo "FAILED: $flaky tests passed only when they ran again, more than $flaky_at_most"
    verdict=1
  fi
fi

if [ "$skipped" -gt 0 ]; then
  echo "Skipped:"
  while IFS='	' read -r outcome test message; do
    [ "$outcome" = skipped ] || continue
    # The parts that a skip may never touch are known by the test's name or by its reason.
    part=
    case $(printf '%s %s' "$test" "$message" | tr '[:upper:]' '[:lower:]') in
      *docker* | *container*engine*) part=docker ;;
      *qemu* | *microvm*) part=qemu ;;
      *bubblewrap* | *bwrap* | *sandbox*) part=bubblewrap ;;
      *wireguard-go* | *wireguardgo*) part=wireguard-go ;;
      *js-libp2p* | *jslibp2p*) part=js-libp2p ;;
    esac
    case ",$without," in
      *",${part:-none},"*) judgement="without $part, as asked" ;;
      *)
        if [ -n "$part" ]; then
          judgement="NOT ALLOWED: needs $part"
          verdict=1
        elif grep -v '^#' e2e/allowed-skips.txt 2>/dev/null | cut -d ' ' -f 1 | grep -qxF -- "${test%%(*}"; then
          judgement=allowed
        else
          judgement='NOT ALLOWED: not in e2e/allowed-skips.txt'
          verdict=1
        fi
        ;;
    esac
    printf '  %s\n      %s (%s)\n' "$test" "$message" "$judgement"
  done <"$results"
fi

# A module with compiled tests and no report ran none of them, whatever Maven said.
for classes in ./*/target/test-classes; do
  [ -d "$classes" ] || continue
  module=${classes#./}
  module=${module%%/*}
  if [ -n "$(find "$classes" -name '*Test.class' 2>/dev/null | head -n 1)" ] &&
    [ -z "$(find "./$module/target/surefire-reports" -name 'TEST-*.xml' 2>/dev/null | head -n 1)" ]; then
    if [ -n "${ATOLL_FAST:-}" ]; then
      echo "No test of $module in this run"
    else
      echo "FAILED: module $module has tests, and none of them ran"
      verdict=1
    fi
  fi
done
if [ $((passed + failed)) -eq 0 ]; then
  echo "FAILED: no test ran"
  verdict=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$verdict"
