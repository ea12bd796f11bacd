using System.Text;
using Headway.Audit;
using Headway.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Handlers.Http;

public sealed class HttpRequestTests
{
    [Fact]
    public async Task The_service_learns_for_whom_and_until_when_it_works()
    {
        await using var service = await Service.AnsweringAsync("application/json", """{"ok":true}""");
        var attempt = service.Attempts.Make(Attempts.Version(service.Definition()), """{"a":"ä"}""", number: 3, subject: "encounter/8812", deadline: Attempts.Start.AddSeconds(20));

        (await service.CallAsync(attempt)).Text().ShouldBe("""{"ok":true}""");

        var seen = service.Calls.ShouldHaveSingleItem();
        Encoding.UTF8.GetString(seen.Body).ShouldBe("""{"a":"ä"}""");
        seen.Headers["Content-Type"].ShouldBe("application/json");
        seen.Headers["Headway-Job"].ShouldBe(service.Attempts.Job.ToString());
        seen.Headers["Headway-Attempt"].ShouldBe("3");
        seen.Headers["Headway-Feature"].ShouldBe("sample@1");
        seen.Headers["Headway-Tenant"].ShouldBe("default");
        seen.Headers["Headway-Subject"].ShouldBe("encounter/8812");
        seen.Headers["Headway-Deadline"].ShouldBe("2026-03-02T09:00:20.000Z");
        seen.Headers["traceparent"].ShouldBe("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    }

    [Fact]
    public async Task The_idempotency_key_is_the_same_on_every_attempt()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        var version = Attempts.Version(service.Definition());

        await service.CallAsync(service.Attempts.Make(version, number: 1));
        await service.CallAsync(service.Attempts.Make(version, number: 2));

        service.Calls.Select(call => call.Headers["Idempotency-Key"]).Distinct().ShouldHaveSingleItem().ShouldNotBeEmpty();
        service.Calls.Select(call => call.Headers["Headway-Attempt"]).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Without_a_callers_deadline_the_attempts_own_end_is_told()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        await service.CallAsync();
        service.Calls.Single().Headers["Headway-Deadline"].ShouldBe("2026-03-02T09:00:30.000Z");
    }

    [Fact]
    public async Task A_subject_that_no_header_may_hold_is_percent_encoded()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        await service.CallAsync(service.Attempts.Make(Attempts.Version(service.Definition()), subject: "Zoë\r\nX-Admin: 100%"));
        service.Calls.Single().Headers["Headway-Subject"].ShouldBe("Zo%C3%AB%0D%0AX-Admin: 100%25");
        service.Calls.Single().Headers.Keys.ShouldNotContain("X-Admin");
    }

    [Fact]
    public async Task Files_go_as_a_form_with_the_json_beside_them()
    {
        string? json = null, fileName = null, type = null;
        byte[]? content = null;
        await using var service = await Service.StartAsync(async context =>
        {
            var form = await context.Request.ReadFormAsync();
            json = await new StreamReader(form.Files.GetFile("input")?.OpenReadStream() ?? Stream.Null).ReadToEndAsync() is { Length: > 0 } text ? text : form["input"].ToString();
            var file = form.Files.GetFile("scan")!;
            (fileName, type) = (file.FileName, file.ContentType);
            using var copy = new MemoryStream();
            await file.CopyToAsync(copy);
            content = copy.ToArray();
            await context.Response.WriteAsJsonAsync(new { ok = true });
        });
        byte[] pixels = [0xFF, 0xD8, 0, 1, 2, 0xFF];
        var scan = new InputFile("scan", "page 1.jpg", "image/jpeg", pixels.Length, new byte[32], _ => ValueTask.FromResult<Stream>(new MemoryStream(pixels)));

        (await service.CallAsync(service.Attempts.Make(Attempts.Version(service.Definition()), """{"page":1}""", [scan]))).Text().ShouldBe("""{"ok":true}""");

        json.ShouldBe("""{"page":1}""");
        fileName.ShouldBe("page 1.jpg");
        type.ShouldBe("image/jpeg");
        content.ShouldBe(pixels);
    }

    [Fact]
    public async Task Declared_headers_are_filled_from_the_environment_when_the_call_is_made()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        Environment.SetEnvironmentVariable("HANDLER_TEST_TOKEN", "s3cret\n");
        var version = Attempts.Version(service.Definition(("Authorization", "Bearer ${HANDLER_TEST_TOKEN}"), ("X-Region", "${HANDLER_TEST_REGION:-eu-1}")));

        await service.CallAsync(service.Attempts.Make(version));

        service.Calls.Single().Headers["Authorization"].ShouldBe("Bearer s3cret");
        service.Calls.Single().Headers["X-Region"].ShouldBe("eu-1");
    }

    [Fact]
    public async Task A_header_whose_variable_is_not_set_stops_the_call_before_it_is_made()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        var failure = (await service.CallAsync(service.Attempts.Make(Attempts.Version(service.Definition(("X-Key", "${HANDLER_TEST_ABSENT}")))))).Failure();

        failure.Code.ShouldBe("handler-header-missing");
        failure.Message.ShouldContain("HANDLER_TEST_ABSENT");
        service.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_disclosure_is_opened_before_a_byte_leaves_and_names_no_secret()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        service.Attempts.Disclosures.IsBroken = true;

        await Should.ThrowAsync<IOException>(() => service.CallAsync());
        service.Calls.ShouldBeEmpty();

        service.Attempts.Disclosures.IsBroken = false;
        await service.CallAsync();
        service.Attempts.Disclosures.Opened.ShouldHaveSingleItem().ShouldBe(new Disclosure(service.Url.GetLeftPart(UriPartial.Path), "http"));
    }

    [Fact]
    public async Task Data_that_the_handler_does_not_allow_never_leaves()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        var failure = (await service.CallAsync(service.Attempts.Make(Attempts.Version(service.Definition(), data: DataClass.Phi)))).Failure();

        failure.Code.ShouldBe("data-not-allowed");
        failure.Retryable.ShouldBeFalse();
        service.Calls.ShouldBeEmpty();
        service.Attempts.Disclosures.Opened.ShouldBeEmpty();
    }
}
