/// Deployment requests of NuNet's kind: a peer that is no hub has containers and microVMs run by a
/// provider that allows it. One stream carries any number of jobs.
///
/// ```
/// requester                                provider
///    │ DepReq{id, executor, image, …} ─────→ │
///    │ ←──────────────── DepResp{id, job, …} │  in the order of the requests, each once it is
///    │                                       │  on the provider's disk, or refused
///    │ ←──────────── JobStatus{job, state …} │  what changes, of all jobs of the stream
///    │ ←── LogStdout, LogStderr{job, offset} │  what they write
///    │ Follow{job, offset} ────────────────→ │  a job of an earlier stream, from there on
///    │ StopJob{job} ───────────────────────→ │
/// ```
///
/// Each message is a frame: unsigned varint length, at most 256 KiB, then one JSON object with a
/// field `type`. What is no such message, or has a field that is not known, is answered with a
/// refusal and ends the stream. Jobs go on without it. The same `id` again is the same job.
@NullMarked
package io.atoll.market.deploy;

import org.jspecify.annotations.NullMarked;
