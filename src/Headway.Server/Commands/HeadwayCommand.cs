using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Headway.Server.Commands;

/// <summary>The tree of commands.</summary>
internal static class HeadwayCommand
{
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken stop)
    {
        var line = Create(terminal).Parse(args);
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            // Signals are the program's: `serve` needs longer to leave than the library's two seconds.
            ProcessTerminationTimeout = null,
        };
        if (line.Action is not ParseErrorAction wrong) return await line.InvokeAsync(configuration, stop);

        // A command that lacks its subcommand is a question; a wrong word is not, and wants one line.
        wrong.ShowHelp = line.CommandResult.Command.Subcommands.Count > 0 && line.UnmatchedTokens.Count == 0;
        await line.InvokeAsync(configuration, stop);
        return ExitCode.Usage;
    }

    private static Verb Create(Terminal terminal)
    {
        var global = new GlobalOptions();

        // Not the library's RootCommand: that one is called what the assembly is called.
        var root = new Verb("headway", "Serves AI features under the contract each of them deserves, and keeps it.", "headway serve --file headway.yaml")
        {
            global.Server,
            global.Key,
            global.Json,
            new HelpOption { Recursive = true },
            new VersionOption { Recursive = false },
        };
        root.Add(new ServeCommand(terminal));
        root.Add(new CheckCommand(terminal, global));
        root.Add(new SchemaCommand(terminal));
        root.Add(new Verb("database", "Looks after a database beside the nodes that use it.", "headway database migrate")
        {
            new DatabaseMigrateCommand(terminal),
            new DatabaseGrantsCommand(terminal),
            new DatabaseRekeyCommand(terminal),
        });
        root.Add(new CallCommand(terminal, global));
        root.Add(new SubmitCommand(terminal, global));
        root.Add(new Verb("jobs", "Lists, shows, follows, replays, steers and cancels jobs.", "headway jobs list --state dead")
        {
            new JobsListCommand(terminal, global),
            new JobsShowCommand(terminal, global),
            new JobsWatchCommand(terminal, global),
            new JobsJournalCommand(terminal, global),
            new JobsReplayCommand(terminal, global),
            new JobsCancelCommand(terminal, global),
            new JobsPauseCommand(terminal, global),
            new JobsResumeCommand(terminal, global),
            new JobsStepsCommand(terminal, global),
            new JobsDeliveriesCommand(terminal, global),
            new JobsSignalCommand(terminal, global),
            new JobsRerunCommand(terminal, global),
        });
        root.Add(new Verb("workflows", "Shows the versions of workflows' code, and which jobs have which.", "headway workflows list")
        {
            new WorkflowsListCommand(terminal, global),
            new WorkflowsPinCommand(terminal, global),
            new WorkflowsMoveCommand(terminal, global),
        });
        root.Add(new Verb("dead-letters", "Lists and replays jobs that are not tried again by themselves.", "headway dead-letters replay --feature prescription-summary --dry-run")
        {
            new DeadLettersListCommand(terminal, global),
            new DeadLettersGroupsCommand(terminal, global),
            new DeadLettersReplayCommand(terminal, global),
        });
        AddAdministration(root, terminal, global);
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help }) option.Action = new HelpWithExample(help);
        }

        return root;
    }

    /// <summary>What operators, auditors and admins ask.</summary>
    private static void AddAdministration(Verb root, Terminal terminal, GlobalOptions global)
    {
        root.Add(new Verb("alerts", "Shows what operators are told of, and acknowledges it.", "headway alerts list")
        {
            new AlertsListCommand(terminal, global),
            new AlertsShowCommand(terminal, global),
            new AlertsAcknowledgeCommand(terminal, global),
        });
        root.Add(new Verb("gaps", "Shows what was promised and is not so.", "headway gaps list") { new GapsListCommand(terminal, global) });
        root.Add(new Verb("subjects", "Holds what must not go of a subject, and erases what must.", "headway subjects erase encounter/8812")
        {
            new SubjectsHoldsCommand(terminal, global),
            new SubjectsHoldCommand(terminal, global),
            new SubjectsReleaseCommand(terminal, global),
            new SubjectsEraseCommand(terminal, global),
        });
        root.Add(new Verb("keys", "Makes, lists, rotates and revokes API keys.", "headway keys create backend --role caller")
        {
            new KeysCreateCommand(terminal, global),
            new KeysListCommand(terminal, global),
            new KeysRotateCommand(terminal, global),
            new KeysRevokeCommand(terminal, global),
        });
        root.Add(new ConsumersCommand(terminal, global));
        root.Add(new Verb("audit", "Searches, proves and exports the audit trail.", "headway audit search --subject encounter/8812")
        {
            new AuditSearchCommand(terminal, global),
            new AuditVerifyCommand(terminal, global),
            new AuditExportCommand(terminal, global),
            new AuditKeyCommand(terminal, global),
        });
        root.Add(new Verb("endpoints", "Shows and looks after the receivers of webhooks.", "headway endpoints list")
        {
            new EndpointsListCommand(terminal, global),
            new EndpointsTestCommand(terminal, global),
            new EndpointsRecoverCommand(terminal, global),
            new EndpointsEnableCommand(terminal, global),
        });
        root.Add(new Verb("deliveries", "Sends webhooks again.", "headway deliveries replay dlv_0195512f7b1c7c7e9a3b2f4d5e6f7a8b")
        {
            new DeliveriesReplayCommand(terminal, global),
        });
    }
}
