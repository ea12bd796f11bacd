using System.CommandLine;
using Headway.Client;

namespace Headway.Server.Commands;

/// <summary>The filters that `jobs list` and `dead-letters` share.</summary>
internal sealed class JobFilters(Terminal terminal)
{
    private readonly Option<string?> _feature = new("--feature") { Description = "Jobs of this feature.", HelpName = "NAME" };
    private readonly Option<string?> _subject = new("--subject") { Description = "Jobs that belong to this subject.", HelpName = "SUBJECT" };
    private readonly Option<string?> _model = new("--model") { Description = "Jobs that this model answered.", HelpName = "NAME" };
    private readonly Option<string?> _error = new("--error") { Description = "Jobs with this error code.", HelpName = "CODE" };
    private readonly Option<int?> _version = new("--feature-version") { Description = "Jobs of this version of their feature.", HelpName = "NUMBER" };
    private readonly Option<string?> _fingerprint = new("--fingerprint") { Description = "Jobs whose error has this fingerprint.", HelpName = "PRINT" };
    private readonly Option<string?> _query = new("--where") { Description = "Jobs with this searchable metadata.", HelpName = "KEY=VALUE" };
    private readonly Option<DateTimeOffset?> _since = TimeOptions.Since(terminal);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_feature, _version, _subject, _model, _error, _fingerprint, _query, _since]) command.Add(option);
    }

    public JobQuery Read(ParseResult line) => new()
    {
        Feature = line.GetValue(_feature),
        Subject = line.GetValue(_subject),
        Model = line.GetValue(_model),
        Error = line.GetValue(_error),
        Version = line.GetValue(_version),
        Fingerprint = line.GetValue(_fingerprint),
        Query = line.GetValue(_query),
        Since = line.GetValue(_since),
    };
}
