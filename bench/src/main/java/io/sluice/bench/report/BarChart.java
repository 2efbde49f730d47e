package io.sluice.bench.report;

import io.sluice.bench.cases.CaseResult;
import io.sluice.bench.cases.PeerResult;
import io.sluice.bench.measure.Summary;
import io.sluice.bench.peer.Peers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Medians as bars, one panel a case, with a thin line from the fastest sample to the 95th percentile. */
final class BarChart {
  private static final int WIDTH = 860;
  private static final int LABELS = 230;
  private static final int VALUES = 150;
  private static final int BAR = 18;
  private static final int STEP = 25;
  private static final int HEAD = 46;
  private static final int GAP = 26;
  private static final String OURS = "#0b7a75";
  private static final String OTHERS = "#9aa5b1";
  private static final String FLOOR = "#d5dbe1";

  private final StringBuilder svg = new StringBuilder();
  private int y = 20;

  private BarChart() {}

  static String of(Report report) {
    return new BarChart().draw(report.cases());
  }

  private String draw(List<CaseResult> cases) {
    cases.forEach(this::panel);
    return String.format(Locale.ROOT, """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" \
        font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif" font-size="13">
        <title>Median time by case and peer</title>
        <rect width="%1$d" height="%2$d" rx="8" fill="#ffffff"/>
        %3$s</svg>
        """, WIDTH, y, svg);
  }

  private void panel(CaseResult one) {
    List<PeerResult> peers = one.peers().stream().filter(PeerResult::measured).toList();
    double longest = peers.stream().mapToDouble(peer -> peer.millis().median()).max().orElse(1);
    add("<text x=\"20\" y=\"%d\" font-size=\"15\" font-weight=\"600\" fill=\"#1f2933\">%s</text>",
        y + 14, escaped(one.title()));
    y += HEAD - STEP + 8;
    for (PeerResult peer : peers) {
      bar(one, peer, longest);
      y += STEP;
    }
    y += GAP;
  }

  private void bar(CaseResult one, PeerResult peer, double longest) {
    Summary millis = peer.millis();
    double scale = (WIDTH - LABELS - VALUES) / longest;
    boolean ours = peer.name().startsWith(Peers.SLUICE);
    String color = ours ? OURS : peer.name().equals("noop") ? FLOOR : OTHERS;
    double length = Math.max(1, millis.median() * scale);
    int middle = y + BAR / 2;
    add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#1f2933\"%s>%s</text>",
        LABELS - 10, middle + 5, ours ? " font-weight=\"600\"" : "", escaped(peer.label()));
    add("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>", LABELS, y, length, BAR, color);
    double right = Math.min(millis.p95() * scale, WIDTH - LABELS - VALUES);
    add("<path d=\"M%.1f %d H%.1f\" stroke=\"#1f2933\" stroke-width=\"1\"/>",
        LABELS + millis.min() * scale, middle, LABELS + right);
    add("<text x=\"%.1f\" y=\"%d\" fill=\"#1f2933\">%s</text>", LABELS + Math.max(length, right) + 8, middle + 5,
        value(one, peer));
  }

  private static String value(CaseResult one, PeerResult peer) {
    List<String> words = new ArrayList<>(List.of(Numbers.millis(peer.millis().median())));
    one.peer(one.reference()).filter(reference -> !reference.name().equals(peer.name())).ifPresent(reference ->
        words.add("(" + Numbers.times(reference.millis().median() / peer.millis().median()) + ")"));
    return String.join(" ", words);
  }

  private void add(String element, Object... values) {
    svg.append(String.format(Locale.ROOT, element, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
