// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice What an owner signs: to sell `amount`, and never for less than a limit that decays in time.
/// @dev Amounts are uint128 so that the product of any two fits 256 bits. Times are Unix seconds, inclusive.
struct Order {
    address owner;
    IERC20 sellToken;
    IERC20 buyToken;
    /// The owner, unless flag 0 gives another.
    address receiver;
    /// Signs the win certificate that a fill needs up to `decayStart`. Zero, unless flag 1 names one.
    address auctioneer;
    /// The most that is sold. What a fill does not sell stays with the owner.
    uint128 amount;
    /// Least bought for the whole `amount`: up to `decayStart`, and from `decayEnd` on. Between them a straight line.
    uint128 limitStart;
    uint128 limitEnd;
    uint40 decayStart;
    uint40 decayEnd;
    uint40 validTo;
    /// Bit `nonce & 255` of word `nonce >> 8` of the owner, here; for an order funded by Permit2, there too.
    uint64 nonce;
    uint16 flags;
}

/// @notice The result of one auction, as its winner shows it.
struct WinCert {
    /// What the winner bid: least bought for the whole `amount`.
    uint128 minOut;
    /// A few blocks ahead; the certificate is dead after it.
    uint40 lastBlock;
}

/// @title ISettlement
/// @notice Fills signed orders. Anyone may be a solver. No owner, no upgrade, and no balance is kept.
/// @dev A settlement is a call whose data is not ABI-encoded: its first byte is the operation (0x02, one order), which
/// no selector below begins with. `docs/settlement.md` gives every byte. It returns two words: base units sold and
/// bought. Program and caller choose only which pools are crossed and when: pools are derived from a constant table of
/// factories, and what the receiver is credited is the delta that such a pool returned, or what arrived of it if that is
/// less: his balance right before and right after the pool pays, with nothing but the pool's and the token's code between.
///
/// Assumed of an order's two tokens, and not checked: their `balanceOf` tells the truth, they let no stranger's code run
/// while they move, and they move what they are asked to move, keep a part of it, or revert. A token that keeps a part is
/// refused by the pools where it is sold; where it is bought the receiver is credited net of it. Nothing is assumed of
/// the tokens between them.
interface ISettlement {
    /// @notice Emitted once for each fill. `bought` is what pools paid and what arrived of it at the receiver.
    event Fill(bytes32 indexed order, address indexed owner, uint256 sold, uint256 bought);

    /// @notice Emitted when an owner uses up nonces without a fill.
    event Cancelled(address indexed owner, uint256 word, uint256 mask);

    /// @notice Thrown when an order asks for something that this contract does not do.
    error UnknownFlags(bytes32 order, uint16 flags);

    /// @notice Thrown when an order sells nothing, or would accept nothing in return.
    error EmptyOrder(bytes32 order);

    /// @notice Thrown when an order sells a token for itself.
    error SameToken(bytes32 order, address token);

    /// @notice Thrown when the receiver is this contract or nobody.
    error BadReceiver(bytes32 order, address receiver);

    /// @notice Thrown when the limit would rise in time.
    error LimitRises(uint128 limitStart, uint128 limitEnd);

    /// @notice Thrown when a fill comes after `validTo`.
    error OrderExpired(bytes32 order, uint40 validTo);

    /// @notice Thrown when the order's nonce was filled or cancelled before.
    error NonceUsed(bytes32 order, address owner, uint64 nonce);

    /// @notice Thrown when a certificate is needed and none is shown.
    error CertificateMissing(bytes32 order, uint40 decayStart);

    /// @notice Thrown when a certificate is needed and the one shown is dead.
    error CertificateExpired(bytes32 order, uint40 lastBlock);

    /// @notice Thrown when a signature over `digest` is not the signer's.
    error BadSignature(bytes32 digest, address signer);

    /// @notice Thrown when a signature kind cannot go with this way of funding.
    error FundingMismatch(uint8 signatureKind, uint8 fundingKind);

    /// @notice Thrown when the receiver got less than the floor.
    error PaidTooLittle(bytes32 order, uint256 bought, uint256 floor);

    /// @notice Thrown when a verb takes more of a token than is left for it.
    error TakesTooMuch(address token, uint256 amountIn, uint256 available);

    /// @notice Thrown when a program ends with tokens left in a pot.
    error PotNotEmpty(address token, uint256 left);

    /// @notice Thrown when this contract would end a call with less of a token than it had.
    error HoldsLess(address token, uint256 held, uint256 heldBefore);

    /// @notice Thrown when a pool asks for more than the verb offers.
    error AsksTooMuch(address pool, uint256 asked, uint256 offered);

    /// @notice Thrown when a byte of the call names nothing that this contract knows.
    error UnknownOperation(uint8 operation);
    error UnknownSignatureKind(uint8 kind);
    error UnknownFundingKind(uint8 kind);
    error UnknownCertificateKind(uint8 kind);
    error UnknownVerb(uint8 verb);
    error UnknownFactory(uint8 row);

    /// @notice Thrown when a verb takes the buy token, gives the sell token, or names a token that is not in the table.
    error BadTokenIndex(uint256 indexIn, uint256 indexOut);

    /// @notice Thrown when a verb for pools of native ether is given no wrapped ether.
    error NotWrappedEther(address tokenIn, address tokenOut);

    /// @notice Thrown when the call is not exactly as long as what was read of it.
    error BadLength(uint256 length, uint256 read);

    /// @notice Thrown when a callback does not come from the pool that is being called right now.
    error NotArmed(address caller);

    /// @notice Thrown when ether comes from anyone but the wrapped-ether contract and the V4 pool manager.
    error UnexpectedEther(address from);

    /// @notice Thrown when an entry point is called from within a settlement.
    error Reentered();

    /// @notice Nonces that `owner` has used: bit `nonce & 255` of word `nonce >> 8`.
    /// @param owner Account that signs orders.
    /// @param word The nonce without its last eight bits.
    /// @return bits One bit for each of 256 nonces; set when filled or cancelled.
    function bitmap(address owner, uint256 word) external view returns (uint256 bits);

    /// @notice The EIP-712 domain that orders and certificates are signed under, on the current chain.
    function DOMAIN_SEPARATOR() external view returns (bytes32 separator);

    /// @notice Uses up those nonces of the caller whose bits are set in `mask`. Fills made before stand.
    /// @dev Orders funded by Permit2 use up the nonce here too, so this cancels them as well. `invalidateUnorderedNonces`
    /// there cancels those alone.
    /// @param word The nonces without their last eight bits.
    /// @param mask One bit for each nonce to use up.
    function cancel(uint56 word, uint256 mask) external;

    /// @notice Asks for the payment of a V3 swap. Only the pool that is being called right now may call.
    /// @param amount0Delta Token 0 owed to the pool when positive.
    /// @param amount1Delta Token 1 owed to the pool when positive.
    /// @param data What this contract gave to the pool: the token, the payer and the most that is offered.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    /// @notice Runs a V4 swap and its payments. Only the pool manager may call, and only while it is being called.
    /// @param data What this contract gave to the pool manager.
    /// @return result Base units paid to the pool and received from it, as two words.
    function unlockCallback(bytes calldata data) external returns (bytes memory result);
}
