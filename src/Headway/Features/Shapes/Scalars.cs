using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Headway.Features.Schemas;

namespace Headway.Features.Shapes;

/// <summary>The kinds of single values the file knows.</summary>
internal static partial class Scalars
{
    private const string LongestTimer = "7w (49 days)";
    private const string AtMost = "at most " + LongestTimer;

    public static readonly Scalar<string> Text = new TextScalar<string>("text", ReadText);

    /// <summary>A file named relative to the feature file. That it exists is checked when it is read.</summary>
    public static readonly Scalar<string> File = new TextScalar<string>("the path of a file, relative to the feature file", ReadText);
    public static readonly Scalar<string> ModelName = new TextScalar<string>("the name of a model", ReadText);
    public static readonly Scalar<string> ToolName = new TextScalar<string>("the name of a tool server, or NAME/TOOL", ReadText);
    public static readonly Scalar<string> FeatureName = new TextScalar<string>("the name of a feature", ReadText);
    public static readonly Scalar<string> EndpointName = new TextScalar<string>("the name of an endpoint", ReadText);

    public static readonly Scalar<string> TenantName = new TextScalar<string>($"the name of a tenant: {TenantNames.Rule}", ReadTenant, TenantNames.Pattern);

    public static readonly Scalar<TimeSpan> Duration =
        new TextScalar<TimeSpan>("a duration such as 300ms, 2s, 10m, 3d or 6y, at most 100y", ReadDuration, Features.Duration.Pattern);

    /// <summary>A duration that a timer waits for.</summary>
    public static readonly Scalar<TimeSpan> TimerDuration =
        new TextScalar<TimeSpan>($"a duration such as 300ms, 2s, 10m or 3d, {AtMost}", ReadTimer, Features.Duration.TimerPattern) { Longest = LongestTimer, Objection = TooLong };

    public static readonly Scalar<TimeSpan> TimerDurationOrZero =
        new TextScalar<TimeSpan>($"a duration such as 0s, 300ms, 2s or 10m, {AtMost}", ReadTimerOrZero, Features.Duration.TimerPattern) { Longest = LongestTimer, Objection = TooLong };

    /// <summary>Null is `keep`.</summary>
    public static readonly Scalar<TimeSpan?> DurationOrKeep =
        new TextScalar<TimeSpan?>("a duration such as 30d or 6y, at most 100y, or keep", ReadDurationOrKeep, Either(Features.Duration.Pattern, "keep"));

    public static readonly Scalar<(TimeSpan From, TimeSpan To)> DurationRange =
        new TextScalar<(TimeSpan, TimeSpan)>($"a range of durations such as 1s..5m, {AtMost}", ReadDurationRange, @"^[0-9.]+[a-z]+\.\.[0-9.]+[a-z]+$") { Longest = LongestTimer, Objection = TooLong };

    /// <summary>A share between 0 and 1, written in percent.</summary>
    public static readonly Scalar<double> Percent = new TextScalar<double>("a percentage such as 1% or 0.1%", ReadPercent, @"^[0-9]{1,3}(\.[0-9]{1,4})?%$");

    /// <summary>The same, and not nothing.</summary>
    public static readonly Scalar<double> Share = new TextScalar<double>("a percentage above 0% and up to 100%, such as 5% or 0.1%", ReadShare, @"^[0-9]{1,3}(\.[0-9]{1,4})?%$");

    public static readonly Scalar<Uri> HttpUrl = new TextScalar<Uri>("an absolute http or https URL without user name or password", ReadHttpUrl, "^https?://");
    public static readonly Scalar<Uri> ListenUrl = new TextScalar<Uri>("an address such as http://127.0.0.1:8080", ReadListenUrl, "^https?://");

    public static readonly Scalar<string> Database =
        new TextScalar<string>("sqlite:FILE or postgres://…", ReadDatabase, "^(sqlite:.+|postgres(ql)?://.+)$");

    public static readonly Scalar<string> BrokerUrl = new TextScalar<string>("an amqp:// or amqps:// URL", ReadBrokerUrl, "^amqps?://");

    /// <summary>Base64 of 32 bytes.</summary>
    public static readonly Scalar<string> MasterKey = new TextScalar<string>("32 bytes in base64 (make one with: openssl rand -base64 32)", ReadMasterKey);
    public static readonly Scalar<string> ApiVersion = new TextScalar<string>("a version such as 2024-10-21 or 2025-04-01-preview", ReadApiVersion, ApiVersionPattern);
    public static readonly Scalar<DateOnly> Date = new TextScalar<DateOnly>("a date such as 2027-03-01", ReadDate, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
    public static readonly Scalar<long> Size = new TextScalar<long>("a size such as 512KiB or 32MiB", ReadSize, "^[1-9][0-9]{0,5}(KiB|MiB|GiB)$");
    public static readonly Scalar<string> Route = new TextScalar<string>("a path such as /v1/generate", ReadRoute, RoutePattern);
    public static readonly Scalar<string> Window = new TextScalar<string>("a window of the day such as 01:00-05:00", ReadWindow, WindowPattern);
    public static readonly Scalar<string> Cron = new TextScalar<string>("a cron expression of five fields such as 0 2 * * *", ReadCron, CronPattern);

    public static readonly Scalar<ValuePath> ValuePath = new TextScalar<ValuePath>("a path such as $.findings.*.quote", Schemas.ValuePath.TryParse, Schemas.ValuePath.Pattern);

    /// <summary>`true` is the list `citations`.</summary>
    public static readonly Scalar<ValuePath> PathOrTrue =
        new TextScalar<ValuePath>("a path such as $.findings.*.quote, or true for $.citations.*", ReadPathOrTrue, Schemas.ValuePath.Pattern, orTrue: true);

    public static readonly Scalar<string> WebhookSecret = new TextScalar<string>("whsec_ and base64 of at least 16 bytes, or any other text", ReadWebhookSecret);
    public static readonly Scalar<bool> Flag = new PlainScalar<bool>("true or false", ReadFlag, () => new JsonObject { ["type"] = "boolean" });

    public static readonly Scalar<int> Seed = Whole(int.MinValue, int.MaxValue);

    public static readonly Scalar<decimal> Money = new PlainScalar<decimal>("an amount in USD such as 0.25", ReadMoney,
        () => new JsonObject { ["type"] = "number", ["minimum"] = 0 });

    public static readonly Scalar<decimal> Number = new PlainScalar<decimal>("a number such as 0.8", ReadNumber, () => new JsonObject { ["type"] = "number" });

    public static readonly Scalar<double> Rate = new PlainScalar<double>("a number above 0", ReadRate,
        () => new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0 });

    private const string ApiVersionPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z]+)?$";
    private const string RoutePattern = "^(/[a-z0-9][a-z0-9._~-]*)+$";
    private const string WindowPattern = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$";
    private const string CronPattern = @"^([0-9A-Za-z*/,?#-]+\s+){4}[0-9A-Za-z*/,?#-]+$";

    public static Scalar<int> Whole(int from, int to = int.MaxValue) => new PlainScalar<int>(
        to == int.MaxValue ? $"a whole number from {from}" : $"a whole number from {from} to {to}",
        (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= from && value <= to,
        () => new JsonObject { ["type"] = "integer", ["minimum"] = from, ["maximum"] = to });

    private static string Either(string pattern, string word) => $"^({pattern.Trim('^', '$')}|{word})$";

    private static bool ReadTenant(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return TenantNames.Is(text);
    }

    private static bool ReadText(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Trim().Length > 0;
    }

    private static bool ReadDuration(string text, out TimeSpan value) => Features.Duration.TryParse(text, out value) && value > TimeSpan.Zero;

    private static bool ReadTimer(string text, out TimeSpan value) => ReadDuration(text, out value) && value <= Features.Duration.LongestTimer;

    private static bool ReadTimerOrZero(string text, out TimeSpan value) => Features.Duration.TryParse(text, out value) && value <= Features.Duration.LongestTimer;

    private static string? TooLong(string text) =>
        text.Split("..").Any(part => Features.Duration.TryParse(part, out var duration) && duration > Features.Duration.LongestTimer)
            ? $"longer than a timer runs; write {AtMost}"
            : null;

    private static bool ReadDurationOrKeep(string text, out TimeSpan? value)
    {
        value = null;
        if (text == "keep")
            return true;
        if (!ReadDuration(text, out var duration))
            return false;
        value = duration;
        return true;
    }

    private static bool ReadDurationRange(string text, out (TimeSpan, TimeSpan) value)
    {
        value = default;
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0 || !ReadTimer(text[..dots], out var from) || !ReadTimer(text[(dots + 2)..], out var to) || from > to)
            return false;
        value = (from, to);
        return true;
    }

    private static bool ReadPercent(string text, out double value)
    {
        value = 0;
        if (!text.EndsWith('%') || !decimal.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent > 100)
            return false;
        value = (double)(percent / 100);
        return true;
    }

    private static bool ReadShare(string text, out double value) => ReadPercent(text, out value) && value > 0;

    // Credentials in a URL would be stored with the definition of every job and printed in messages.
    private static bool ReadHttpUrl(string text, [MaybeNullWhen(false)] out Uri value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && value.Scheme is "http" or "https" && value is { Host.Length: > 0, UserInfo.Length: 0 };

    private static bool ReadWebhookSecret(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return !text.StartsWith(EndpointDefinition.EncodedSecret, StringComparison.Ordinal)
            ? text.Length > 0
            : text.AsSpan(EndpointDefinition.EncodedSecret.Length) is var base64 && Convert.TryFromBase64Chars(base64, new byte[base64.Length], out var bytes) && bytes >= 16;
    }

    private static bool ReadListenUrl(string text, [MaybeNullWhen(false)] out Uri value) => ReadHttpUrl(text, out value) && value.PathAndQuery == "/";

    private static bool ReadDatabase(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.StartsWith("sqlite:", StringComparison.Ordinal)
            ? text.Length > "sqlite:".Length
            : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "postgres" or "postgresql";
    }

    private static bool ReadBrokerUrl(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "amqp" or "amqps";
    }

    private static bool ReadApiVersion(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Regex.IsMatch(text, ApiVersionPattern, RegexOptions.CultureInvariant);
    }

    private static bool ReadMasterKey(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return Convert.TryFromBase64String(text, new byte[64], out var length) && length == 32;
    }

    private static bool ReadDate(string text, out DateOnly value) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    private static bool ReadSize(string text, out long value)
    {
        var match = WrittenSize().Match(text);
        value = match.Success ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) << (match.Groups[2].Value[0] switch { 'K' => 10, 'M' => 20, _ => 30 }) : 0;
        return match.Success;
    }

    private static bool ReadRoute(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length <= 200 && WrittenRoute().IsMatch(text);
    }

    private static bool ReadWindow(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return WrittenWindow().IsMatch(text);
    }

    private static bool ReadCron(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return WrittenCron().IsMatch(text);
    }

    private static bool ReadPathOrTrue(string text, [MaybeNullWhen(false)] out ValuePath value) => Schemas.ValuePath.TryParse(text == "true" ? "$.citations[*]" : text, out value);

    private static bool ReadFlag(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false";
    }

    private static bool ReadMoney(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value >= 0;

    private static bool ReadNumber(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool ReadRate(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value > 0 && double.IsFinite(value);

    [GeneratedRegex("^([1-9][0-9]{0,5})(KiB|MiB|GiB)$", RegexOptions.CultureInvariant)]
    private static partial Regex WrittenSize();

    [GeneratedRegex(RoutePattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WrittenRoute();

    [GeneratedRegex(WindowPattern, RegexOptions.CultureInvariant)]
    private static partial Regex WrittenWindow();

    [GeneratedRegex(CronPattern, RegexOptions.CultureInvariant)]
    private static partial Regex WrittenCron();
}
