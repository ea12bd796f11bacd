using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Headway.Features;

/// <summary>A version as canonical JSON: stored under its hash at acceptance, so that a job is finished by the definition it was accepted under.
/// Names of models are in it and models are not, so neither is any secret.</summary>
internal static class FeatureDefinition
{
    private static readonly JsonDerivedType[] Handlers =
    [
        new(typeof(PromptDefinition), "prompt"), new(typeof(HttpDefinition), "http"), new(typeof(CodeDefinition), "code"),
        new(typeof(WorkerDefinition), "worker"), new(typeof(ModelHandlerDefinition), "model"), new(typeof(StepsDefinition), "steps"),
    ];

    private static readonly JsonDerivedType[] Steps =
    [
        new(typeof(WorkStep), "work"), new(typeof(SignalStep), "signal"), new(typeof(DelayStep), "delay"), new(typeof(BranchesStep), "branches"), new(typeof(WhenStep), "when"),
    ];

    private static readonly JsonSerializerOptions Canonical = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false), new DurationConverter(), new DataClassesConverter(), new TextsConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { InNameOrder, WithoutDerived, WithKinds } },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    /// <summary>The version with its definition and hash filled in.</summary>
    public static FeatureVersion Seal(FeatureVersion version)
    {
        var json = JsonSerializer.Serialize(version, Canonical);
        return version with { DefinitionJson = json, DefinitionHash = SHA256.HashData(Encoding.UTF8.GetBytes(json)) };
    }

    /// <summary>An equal version, but for the places in the file.</summary>
    /// <exception cref="JsonException">Not a definition.</exception>
    public static FeatureVersion Parse(string json) => Seal(JsonSerializer.Deserialize<FeatureVersion>(json, Canonical)
        ?? throw new JsonException("A feature definition cannot be null."));

    // The order of members in the source must not decide the hash.
    private static void InNameOrder(JsonTypeInfo type)
    {
        if (type.Kind is not JsonTypeInfoKind.Object)
            return;
        var ordered = type.Properties.OrderBy(property => property.Name, StringComparer.Ordinal).ToList();
        type.Properties.Clear();
        foreach (var property in ordered)
            type.Properties.Add(property);
    }

    // What is computed from the rest, and where the file says it: moving a feature down a line does not change it.
    private static void WithoutDerived(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            var property = type.Properties[i];
            if (property.Set is null || property.PropertyType == typeof(Place) || (type.Type == typeof(FeatureVersion) && property.Name is "definitionHash" or "definitionJson" or "places"))
            {
                type.Properties.RemoveAt(i);
            }
        }
    }

    private static void WithKinds(JsonTypeInfo type)
    {
        var kinds = type.Type == typeof(HandlerDefinition) ? Handlers : type.Type == typeof(StepDefinition) ? Steps : [];
        if (kinds.Length == 0)
            return;
        type.PolymorphismOptions = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = "$kind",
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
        };
        foreach (var kind in kinds)
            type.PolymorphismOptions.DerivedTypes.Add(kind);
    }

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TimeSpan.FromTicks(reader.GetInt64());

        // Ticks: the definition is read by programs, and must not lose what a duration in words would round.
        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Ticks);
    }

    private sealed class DataClassesConverter : JsonConverter<IReadOnlySet<DataClass>>
    {
        public override IReadOnlySet<DataClass> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<DataClass[]>(ref reader, options)!.ToFrozenSet();

        public override void Write(Utf8JsonWriter writer, IReadOnlySet<DataClass> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Order().ToArray(), options);
    }

    private sealed class TextsConverter : JsonConverter<IReadOnlyDictionary<string, string>>
    {
        public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new Dictionary<string, string>(JsonSerializer.Deserialize<Dictionary<string, string>>(ref reader, options)!, StringComparer.OrdinalIgnoreCase);

        public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, text) in value.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                writer.WriteString(name, text);
            writer.WriteEndObject();
        }
    }
}
