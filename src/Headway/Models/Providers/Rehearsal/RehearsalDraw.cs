using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Headway.Features;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>What chance says for one call: drawn from seed, model, input and attempt, and from nothing else.</summary>
internal sealed class RehearsalDraw
{
    /// <summary>The 99th percentile of the standard normal distribution.</summary>
    private const double Z99 = 2.3263478740408408;

    private static readonly IReadOnlyDictionary<string, RehearsalFailure> Names = new Dictionary<string, RehearsalFailure>
    {
        ["rateLimited"] = RehearsalFailure.RateLimited,
        ["unavailable"] = RehearsalFailure.Unavailable,
        ["timeout"] = RehearsalFailure.Timeout,
        ["cutStream"] = RehearsalFailure.CutStream,
        ["invalidOutput"] = RehearsalFailure.InvalidOutput,
        ["empty"] = RehearsalFailure.Empty,
    };

    /// <summary>No job has so many attempts: each try of each attempt draws for itself.</summary>
    private const int TriesApart = 1_000;

    private readonly Random _chance;

    private RehearsalDraw(int seed, RehearsalOptions options)
    {
        _chance = new Random(seed);
        FirstToken = Latency(options);
        Failure = FailureOf(options);
    }

    public TimeSpan FirstToken { get; }
    public RehearsalFailure Failure { get; }

    /// <summary>What chance says for one of several inputs of a call: equal texts have equal vectors, whatever they come with.</summary>
    public static RehearsalDraw Of(ModelDefinition model, string text, RehearsalOptions options) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Seed} {model.Name} {text}"))), options);

    public static RehearsalDraw Of(ModelDefinition model, ModelRequest request, RehearsalOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, options.Seed);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], request.Attempt + (request.Try - 1) * TriesApart);
        hash.AppendData(numbers);
        hash.AppendData(Encoding.UTF8.GetBytes(model.Name));
        hash.AppendData(request.Input.Span);
        hash.AppendData(Encoding.UTF8.GetBytes((request.Body["messages"] ?? request.Body["input"])?.ToJsonString() ?? ""));
        return new RehearsalDraw(BinaryPrimitives.ReadInt32LittleEndian(hash.GetHashAndReset()), options);
    }

    /// <summary>A number from 0 to <paramref name="below"/>, that itself excluded.</summary>
    public int Next(int below) => _chance.Next(below);

    /// <summary>A vector of length 1.</summary>
    public double[] Embedding(int dimensions)
    {
        var vector = Enumerable.Range(0, Math.Max(1, dimensions)).Select(_ => Normal()).ToArray();
        var length = Math.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => Math.Round(value / length, 6))];
    }

    /// <summary>Log-normal through the two declared percentiles: latency has a long tail on one side only.</summary>
    private TimeSpan Latency(RehearsalOptions options)
    {
        var median = Math.Max(options.FirstTokenP50.TotalSeconds, 1e-6);
        var spread = Math.Log(Math.Max(options.FirstTokenP99.TotalSeconds, median) / median) / Z99;
        return options.FirstTokenP50 == TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(median * Math.Exp(spread * Normal()), Duration.LongestTimer.TotalSeconds));
    }

    private RehearsalFailure FailureOf(RehearsalOptions options)
    {
        var drawn = _chance.NextDouble();
        foreach (var (name, share) in options.Failures.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            drawn -= share;
            if (drawn < 0)
                return Names.GetValueOrDefault(name);
        }

        return RehearsalFailure.None;
    }

    /// <summary>Box and Muller, 1958.</summary>
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _chance.NextDouble())) * Math.Cos(2 * Math.PI * _chance.NextDouble());
}

/// <summary>How a rehearsed call fails.</summary>
internal enum RehearsalFailure { None, RateLimited, Unavailable, Timeout, CutStream, InvalidOutput, Empty }
