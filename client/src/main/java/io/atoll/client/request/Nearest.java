package io.atoll.client.request;

import java.util.Collection;
import java.util.Optional;

/// The word that was probably meant.
public final class Nearest {
  private Nearest() {}

  /// The candidate with the fewest edits, if they are few for the word's length.
  public static Optional<String> to(String word, Collection<String> candidates) {
    String best = null;
    int fewest = Math.max(1, Math.min(3, word.length() / 3)) + 1;
    for (String candidate : candidates) {
      if (word.length() <= 64 && Math.abs(candidate.length() - word.length()) < fewest) {
        int edits = edits(word, candidate);
        if (edits < fewest) {
          fewest = edits;
          best = candidate;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  /// ` Did you mean 'x'?` or nothing, to put behind a sentence.
  public static String hint(String word, Collection<String> candidates) {
    return to(word, candidates).map(near -> "did you mean '" + near + "'? ").orElse("");
  }

  /// Insertions, deletions, changes and swaps of neighbours.
  private static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        d[i][j] = swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
      }
    }
    return d[a.length()][b.length()];
  }
}
