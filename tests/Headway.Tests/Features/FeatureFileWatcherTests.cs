using Headway.Features;
using Microsoft.Extensions.Logging;

namespace Headway.Tests.Features;

public sealed class FeatureFileWatcherTests : IDisposable
{
    private const string Yaml = """
        models: { fast: { provider: rehearsal } }
        features:
          ask: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [fast] } }

        """;

    private readonly FileFolder _folder = new FileFolder().With("p.hbs", "first").With("headway.yaml", Yaml);
    private readonly Lines _log = new();
    private readonly FeatureCatalog _catalog;
    private readonly FeatureFileWatcher _watcher;
    private IReadOnlyList<string> _refusals = [];

    public FeatureFileWatcherTests()
    {
        var first = _folder.Read();
        _catalog = new FeatureCatalog(first.File.ShouldNotBeNull());
        _watcher = new FeatureFileWatcher(_catalog, first, _folder.Read, _ => _refusals, TimeProvider.System, _log);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_happens_while_nothing_changes()
    {
        var before = _catalog.Current;
        File.SetLastWriteTimeUtc(_folder.File, DateTime.UnixEpoch);

        _watcher.Look().ShouldBeNull();
        _watcher.Look().ShouldBeNull();
        _catalog.Current.ShouldBeSameAs(before);
        _catalog.LastReload.ShouldBeNull();
    }

    [Fact]
    public void A_change_is_taken_when_it_has_come_to_rest()
    {
        var told = new List<Reload>();
        _catalog.Reloaded += told.Add;

        _folder.With("headway.yaml", Yaml + "  half: {");
        _watcher.Look().ShouldBeNull();
        _folder.With("headway.yaml", Yaml + "  more: { contract: { mode: async, deliverWithin: 1m }, handler: code }\n");
        _watcher.Look().ShouldBeNull();

        _watcher.Look().ShouldNotBeNull().Taken.ShouldBeTrue();
        _catalog.Current.Features.Keys.ShouldBe(["ask", "more"]);
        told.ShouldHaveSingleItem().ShouldBeSameAs(_catalog.LastReload);
    }

    [Fact]
    public void A_change_of_a_template_is_a_change()
    {
        var before = _catalog.Current.Features["ask"].Latest;
        _folder.With("p.hbs", "second");

        Rest().ShouldNotBeNull().Taken.ShouldBeTrue();
        var after = _catalog.Current.Features["ask"].Latest;
        after.DefinitionHash.ShouldNotBe(before.DefinitionHash);
        ((PromptDefinition)before.Handler).Template.ShouldBe("first");
    }

    [Fact]
    public void A_bad_file_keeps_the_old_one_and_is_said_loudly_and_once()
    {
        var before = _catalog.Current;
        _folder.With("headway.yaml", "features:\n  ask: { contract: { mode: asink }, handler: code }\n  b: { handlr: code }\n");

        Rest().ShouldNotBeNull().Taken.ShouldBeFalse();
        _catalog.Current.ShouldBeSameAs(before);
        _catalog.LastReload.ShouldNotBeNull().Findings.Count.ShouldBeGreaterThan(1);
        var said = _log.Said.ShouldHaveSingleItem();
        said.ShouldStartWith("Error: ");
        foreach (var finding in _catalog.LastReload!.Findings)
            said.ShouldContain(finding.ToString());
        Rest().ShouldBeNull();
    }

    [Fact]
    public void A_file_that_is_gone_keeps_the_old_one_until_it_is_back()
    {
        var before = _catalog.Current;
        File.Delete(_folder.File);
        Rest().ShouldNotBeNull().Findings.ShouldHaveSingleItem().Code.ShouldBe("file-missing");
        _catalog.Current.ShouldBeSameAs(before);

        _folder.With("headway.yaml", Yaml);
        Rest().ShouldNotBeNull().Taken.ShouldBeTrue();
    }

    [Fact]
    public void A_template_that_was_missing_is_waited_for()
    {
        _folder.With("headway.yaml", Yaml.Replace("p.hbs", "q.hbs", StringComparison.Ordinal));
        Rest().ShouldNotBeNull().Taken.ShouldBeFalse();

        _folder.With("q.hbs", "there");
        Rest().ShouldNotBeNull().Taken.ShouldBeTrue();
    }

    [Fact]
    public void A_valid_file_this_host_cannot_serve_is_refused_with_its_reason()
    {
        var before = _catalog.Current;
        _refusals = ["the work of more is C# code, and this host has none of that name."];
        _folder.With("headway.yaml", Yaml + "  more: { contract: { mode: async, deliverWithin: 1m }, handler: code }\n");

        Rest().ShouldNotBeNull().Findings.ShouldHaveSingleItem().Message.ShouldBe(_refusals[0]);
        _catalog.Current.ShouldBeSameAs(before);
    }

    [Fact]
    public void A_change_of_the_server_section_is_said_to_wait_for_a_start()
    {
        _folder.With("headway.yaml", "server: { listen: http://127.0.0.1:9999 }\n" + Yaml);

        Rest().ShouldNotBeNull().Taken.ShouldBeTrue();
        _log.Said.ShouldContain(line => line.StartsWith("Warning: The server section", StringComparison.Ordinal));
    }

    private Reload? Rest()
    {
        _watcher.Look().ShouldBeNull();
        return _watcher.Look();
    }

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
