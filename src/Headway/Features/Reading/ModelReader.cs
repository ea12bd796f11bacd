using System.Collections.Frozen;
using Headway.Features.Shapes;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Reads the `models` section.</summary>
internal sealed class ModelReader(FileReading reading)
{
    public IReadOnlyDictionary<string, ModelDefinition> Read(Section root)
    {
        var models = new Dictionary<string, ModelDefinition>(StringComparer.Ordinal);
        foreach (var (name, section) in root.Named("models"))
        {
            if (section.Node is not null)
                models.Add(name.Text, Read(name.Text, name.Place, section));
        }

        return models;
    }

    /// <summary>What the agreement covers. Whoever may see personal or phi data may see what is less than personal, said or not.</summary>
    public static IReadOnlySet<DataClass> AllowedData(Section section)
    {
        var said = section.List<DataClass>("allowedData").Select(item => item.Value).ToHashSet();
        if (said.Count == 0)
            return ModelDefinition.DefaultAllowedData;
        if (said.Overlaps([DataClass.Personal, DataClass.Phi]))
            said.UnionWith(ModelDefinition.DefaultAllowedData);
        return said.ToFrozenSet();
    }

    /// <summary>The budget that a tenant, a feature or a model names; null: none.</summary>
    public static BudgetOptions? BudgetOf(Section section)
    {
        var budget = section.Under("budget");
        return budget.Has("usdPerMonth") || budget.Has("usdPerDay") ? new BudgetOptions(budget.Value<decimal>("usdPerMonth"), budget.Value<decimal>("usdPerDay")) : null;
    }

    private ModelDefinition Read(string name, Place place, Section section)
    {
        var provider = section.Text("provider") ?? "";
        CheckProvider(name, provider, place, section);
        CheckHeaders(name, section);
        var price = section.Under("price");
        var limits = section.Under("limits");
        var timeouts = section.Under("timeouts");
        var usual = new ModelTimeouts();
        return new ModelDefinition
        {
            Name = name,
            Provider = provider,
            Kind = section.Value("kind", ModelKind.Chat),
            BaseUrl = section.Url("baseUrl"),
            ApiVersion = section.Text("apiVersion"),
            ApiKey = section.Text("apiKey"),
            Model = section.Text("model"),
            Headers = section.Texts("headers", raw: false),
            ContextTokens = section.Value<int>("contextTokens"),
            Price = price.Value<decimal>("input") is { } input && price.Value<decimal>("output") is { } output ? new ModelPrice(input, output, price.Value<decimal>("cachedInput")) : null,
            Limits = new ModelLimits
            {
                RequestsPerMinute = limits.Value<int>("requestsPerMinute"),
                TokensPerMinute = limits.Value<int>("tokensPerMinute"),
                Concurrency = limits.Value<int>("concurrency"),
            },
            Timeouts = new ModelTimeouts
            {
                Connect = timeouts.Value("connect", usual.Connect),
                FirstToken = timeouts.Value("firstToken", usual.FirstToken),
                Idle = timeouts.Value("idle", usual.Idle),
                Total = timeouts.Value("total", usual.Total),
            },
            AllowedData = AllowedData(section),
            Expose = section.Value("expose", false),
            Data = section.Value<DataClass>("data"),
            Budget = BudgetOf(section),
            Rehearsal = provider == "rehearsal" ? Rehearsal(section) : null,
            Place = place,
        };
    }

    private void CheckProvider(string name, string provider, Place place, Section section)
    {
        var foreign = provider switch
        {
            "rehearsal" => ModelShape.NetworkOnly,
            "azure" => ModelShape.RehearsalOnly,
            "openai" => [.. ModelShape.RehearsalOnly, "apiVersion"],
            "anthropic" => [.. ModelShape.RehearsalOnly, "apiVersion", "kind"],
            _ => [],
        };
        foreach (var entry in section.Node!.Entries.Where(entry => foreign.Contains(entry.Key.Text)))
        {
            reading.Findings.Add(Finding.Error("key-not-for-provider",
                $"models.{name}.{entry.Key.Text} means nothing to the provider {provider}; remove it.", entry.Key.Place));
        }

        if (provider is "openai" or "azure" or "anthropic" && !section.Has("model"))
        {
            reading.Findings.Add(Finding.Error("key-missing",
                $"models.{name} needs the key 'model': the name the provider knows it by{(provider == "azure" ? ", which is that of the deployment" : "")}.", place));
        }

        if (provider == "azure" && !section.Has("baseUrl"))
        {
            reading.Findings.Add(Finding.Error("key-missing",
                $"models.{name} needs the key 'baseUrl': the address of the Azure resource, such as https://NAME.openai.azure.com.", place));
        }
    }

    private void CheckHeaders(string name, Section section)
    {
        foreach (var (header, value) in section.Entries("headers").Where(entry => entry.Value is { Kind: NodeKind.Scalar, IsBroken: false }))
        {
            // Of the text as written: a value of the environment is never repeated, and never a template by accident.
            foreach (var label in HeaderTemplate.Unknown(value.Raw))
            {
                reading.Findings.Add(Finding.Error("label-unknown",
                    $"models.{name}.headers.{header.Text}: nothing is known as {{{{{label}}}}}: {Spelling.Hint(label, HeaderTemplate.Labels)}", value.Place));
            }
        }

        HeaderCheck.Controls($"models.{name}", section, reading.Findings);
    }

    private RehearsalOptions Rehearsal(Section section)
    {
        var usual = new RehearsalOptions();
        var firstToken = section.Under("firstToken");
        var failures = section.Under("failures");
        var options = new RehearsalOptions
        {
            Dimensions = section.Value("dimensions", usual.Dimensions),
            FirstTokenP50 = firstToken.Value("p50", usual.FirstTokenP50),
            FirstTokenP99 = firstToken.Value("p99", usual.FirstTokenP99),
            TokensPerSecond = section.Value("tokensPerSecond", usual.TokensPerSecond),
            Failures = ModelShape.Failures.Names.Where(failures.Has).ToDictionary(kind => kind, kind => failures.Value(kind, 0.0), StringComparer.Ordinal),
            Seed = section.Value("seed", usual.Seed),
        };

        // One of the two given: the other moves with it instead of contradicting it.
        if (!firstToken.Has("p99") && options.FirstTokenP99 < options.FirstTokenP50)
            options = options with { FirstTokenP99 = options.FirstTokenP50 };
        if (!firstToken.Has("p50") && options.FirstTokenP50 > options.FirstTokenP99)
            options = options with { FirstTokenP50 = options.FirstTokenP99 };
        if (options.FirstTokenP50 > options.FirstTokenP99)
            reading.Findings.Add(Finding.Error("value-invalid", "firstToken.p50 is longer than p99; swap them.", firstToken.Node!.Place));
        if (options.Failures.Values.Sum() > 1)
            reading.Findings.Add(Finding.Error("value-invalid", "the failures add up to more than 100%.", failures.Node!.Place));
        return options;
    }
}
