package io.atoll.client.cli;

import io.atoll.client.HubLocation;
import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.client.config.Settings.Value;
import io.atoll.client.request.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

@CommandLine.Command(
    name = "config",
    header = "Settings: show.",
    footer = {"  atoll config show"},
    subcommands = {ConfigNoun.ShowVerb.class})
final class ConfigNoun extends Noun {
  private final List<Setting> settings = new CopyOnWriteArrayList<>();

  /// @param more settings of other modules
  ConfigNoun(List<Setting> more) {
    settings.addAll(HubLocation.SETTINGS);
    settings.add(GlobalOptions.OUTPUT);
    settings.addAll(more);
  }

  @CommandLine.Command(
      name = "show",
      header = "Show every setting, its value and where that came from.",
      description = {
        "",
        "A flag wins over the environment, that over .env in this folder, that over the file",
        "<config folder>/atoll/config.properties (lines of `key = value`), that over the default."
      },
      footer = {
        "  atoll config show",
        "  ATOLL_HUB=http://hub.example:7465 atoll config show -o json"
      })
  static final class ShowVerb extends Command {
    @CommandLine.ParentCommand @Nullable ConfigNoun noun;

    @Override
    protected int run(Context context) {
      List<Setting> known = noun == null ? List.of() : noun.settings;
      Settings settings = context.settings();
      if (context.json()) {
        context.printJson(rows(settings, known));
      } else {
        Table table = new Table("SETTING", "VALUE", "FROM", "MEANING");
        for (Map<String, String> row : rows(settings, known)) {
          table.row(row.get("name"), row.get("value"), row.get("origin"), row.get("text"));
        }
        context.print(table);
      }
      for (String name : settings.unknown(known)) {
        context.note(
            "'"
                + name
                + "' in "
                + settings.places().configFile()
                + " is no setting; "
                + Nearest.hint(name, known.stream().map(Setting::name).toList()).strip());
      }
      return 0;
    }

    private static List<Map<String, String>> rows(Settings settings, List<Setting> known) {
      List<Map<String, String>> rows = new ArrayList<>();
      for (Setting setting : known) {
        Optional<Value> value = settings.find(setting);
        Map<String, String> row = new LinkedHashMap<>();
        row.put("name", setting.name());
        if (value.isPresent()) {
          row.put("value", setting.secret() ? "(set)" : value.get().text());
          row.put("origin", value.get().origin());
        } else if (setting.equals(HubLocation.DATA_DIR)) {
          row.put("value", settings.places().dataDir().toString());
          row.put("origin", "default");
        }
        row.put("text", setting.text());
        rows.add(row);
      }
      return rows;
    }
  }
}
